"""Texts for what imports and the demo raise."""

TEXTS = {
    "demo_market_not_empty": "这个市场里已有内容，不能再变成演示市场。请换一个空的 YAOSU_HOME",
}
