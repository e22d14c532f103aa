"""Texts of the indicators."""

TEXTS = {
    "pace_year_unreadable": "年份写四位数，例如 2026",
    "pace_target_unreadable": "目标写百分数，例如 1.6",
    "pace_amount_unreadable": "金额看不明白，以亿元计，例如 2830 或 6.87",
    "pace_gdp_not_positive": "GDP 要大于 0",
}
