"""Texts for what listings, matching and indicators raise."""

TEXTS = {
    "owner_missing": "请写明是哪家单位的：填单位编号，或先加入一家单位",
    "kind_fixed": "这个地址只收 {kind}",
    "listing_not_editable": "{record} 现在是“{state}”，不能改",
    "move_not_possible": "{record} 现在是“{state}”，不能做“{move}”",
    "reasons_missing": "请写明退回的原因，对方要照着改",
    "patent_known": "专利 {number} 已在市场里：{record}",
    "patent_number_form": "专利号“{value}”读不懂，写成 202310375785.X 这样",
    "number_only_for_patents": "只有专利填申请号",
    "low_above_high": "下限比上限大",
    "budget_in_order": "金额下限比上限大",
    "sort_unknown": "不能按“{value}”排序；可以用 {allowed}",
    "filter_unknown": "不能按“{value}”筛选；可以用 {allowed}",
    "dimension_unknown": "不能按“{value}”分；可以用 {allowed}",
    "written_at_once": "别人刚刚写了同样的内容，这次什么都没有写入，请刷新再试",
}
