"""Errors of matching."""

TEXTS = {
    "match_kind_unknown": "不能按“{value}”来配，可以是：{allowed}",
    "match_of_two_kinds": "要一条是需求、另一条是成果、专利或专家，才能比",
}
