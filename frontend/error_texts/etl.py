"""Texts for what imports, exports and the demo raise."""

TEXTS = {
    "demo_half_made": "演示市场上次没有装完。请删掉 YAOSU_HOME 里的文件（或换一个空的 YAOSU_HOME），再运行 yaosu demo",
    "demo_market_not_empty": "这个市场里已有内容，不能再变成演示市场。请换一个空的 YAOSU_HOME",
    "import_kind": "不能导入“{value}”；可以导入 needs、results、patents、experts、organisations",
    "import_no_file": "没有这个文件：{value}",
    "import_file_kind": "读不了这种文件（{value}）；请用 jsonl、csv 或 xlsx",
    "import_encoding": "文件的编码读不懂；请存成 UTF-8 或 GB18030",
    "import_amount": "金额“{value}”读不懂；写成 120 或 120 万元",
    "export_kind": "不能导出成“{value}”；可以导出 csv、xlsx、jsonl",
    "export_too_long": "一张工作表最多 {limit} 行；请先筛选，或改用 csv",
}
