"""Texts for what listings, matching and indicators raise."""

TEXTS = {
    "owner_missing": "请写明是哪家单位的：填单位编号，或先加入一家单位",
    "kind_fixed": "这个地址只收 {kind}",
    "listing_not_editable": "{record} 现在是“{state}”，不能改",
    "move_not_possible": "{record} 现在是“{state}”，不能做“{move}”",
    "nothing_ticked": "一条也没有勾，请先勾选",
    "reasons_missing": "请写明退回的原因，对方要照着改",
    "patent_known": "专利 {number} 已在市场里：{record}",
    "patent_number_form": "专利号“{value}”读不懂，写成 202310375785.X 这样",
    "number_only_for_patents": "只有专利填申请号",
    "value_with_words": "目标值“{value}”不是数字。请在“比较”选 {sign}，这里只填 {number}",
    "value_no_number": "目标值“{value}”不是数字；区间写成 2–5",
    "organisation_several": "叫这个名字的不止一家，请填编号：{names}",
    "organisation_none": "没有叫“{name}”的单位；是新单位就勾上“这是一家新单位”",
    "low_above_high": "下限比上限大",
    "budget_in_order": "金额下限比上限大",
    "sort_unknown": "不能按“{value}”排序；可以用 {allowed}",
    "filter_unknown": "不能按“{value}”筛选；可以用 {allowed}",
    "dimension_unknown": "不能按“{value}”分；可以用 {allowed}",
    "written_at_once": "别人刚刚写了同样的内容，这次什么都没有写入，请刷新再试",
}
