"""Texts of the indicators."""

TEXTS = {
    "pace_year_unreadable": "年份写四位数，例如 2026",
    "pace_target_unreadable": "目标写百分数，例如 1.6",
    "pace_amount_unreadable": "金额看不明白，以亿元计，例如 2830 或 6.87",
    "pace_gdp_not_positive": "GDP 要大于 0",
    "period_unreadable": "期间“{value}”看不明白：写 2026、2026Q3、2026-07 或 2026-01..09",
    "reading_unknown": "没有“{value}”这个口径，可用：{allowed}",
    "view_unknown": "没有“{value}”这个视图，可用：{allowed}",
    "period_not_over": "{period}还没有过完（到 {until}），过完才能封账",
    "period_closed": "{period}已经封账，封账的报表不再改",
    "indicator_computed": "这个指标由登记变动算出，不录入数值",
    "split_only_computed": "只有由合同算出的指标能分到县市区和创新链",
    "plan_set_taken": "代码 {plan} 已经有一个规划用了，换一个",
    "plan_years_out_of_order": "基数年要在规划开始以前，开始不晚于结束",
    "plan_indicator_unknown": "没有编号“{value}”的指标",
    "split_one_place": "每个数要么给一个县市区，要么给一条创新链",
    "figure_unknown": "没有“{value}”这个数",
}
