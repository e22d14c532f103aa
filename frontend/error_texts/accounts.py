"""Texts for what accounts and organisations raise."""

TEXTS = {
    "sign_in_failed": "登录名或密码不对",
    "login_name_form": "登录名用 2–60 个字母、数字、汉字或 . _ - @ +",
    "login_taken": "这个登录名已有人用，请换一个",
    "password_wrong": "现在的密码不对",
    "password_same": "新密码和现在的一样，请换一个",
    "role_needs_organisation": "给“{role}”要同时指明单位",
    "role_unknown": "没有“{role}”这个角色",
    "organisation_exists": "已有叫“{name}”的单位",
    "region_unknown": "没有“{value}”这个行政区划代码",
    "uscc_form": "统一社会信用代码“{value}”的写法不对",
    "second_factor_wrong": "验证码不对，或者已经用过；等下一个再试",
    "second_factor_is_on": "第二道验证已经打开",
    "second_factor_not_begun": "请先扫码，再填验证码",
    "second_factor_required": "您的角色要先设好第二道验证才能继续：到“我的账号”里打开",
    "last_administrator": "您是最后一位管理员，请先把管理员交给别人",
    "link_used": "这个链接已经用过了",
    "link_expired": "这个链接已过期，请重新要一个",
    "too_many_searches": "最多存 {limit} 条搜索，请先删去不用的",
    "token_unknown": "令牌不认识、已过期或已作废",
}
