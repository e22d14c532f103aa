"""Texts for what searching and the curator's words raise."""

TEXTS = {
    "query_too_long": "搜索词最多 {limit} 个字；整段的难题请写成需求，成批的资料请用导入",
    "too_many_values": "一次最多选 {limit} 个筛选值",
    "page_too_deep": "按页码只能翻到第 {limit} 页；请加筛选条件，或在接口里用 cursor 接着往下取",
    "page_unreadable": "页码“{value}”读不懂，写成 1、2、3 这样",
    "synonym_without_letters": "“{value}”里没有字，不能当同义词",
    "synonym_needs_two": "同义词至少要两个不同的词",
    "synonym_known": "{words} 已经是同义词了",
}
