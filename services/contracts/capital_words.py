"""Amounts in capital words (大写金额), as they stand on contracts and invoices.

The rule is 支付结算办法, annex 1, with the stricter 整 of 会计基础工作规范 (section 13.4 of the reference): nothing
stands between 人民币 and the figure, zeros inside a figure are said once, 整 follows 元 and 角 and never 分.
"""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
LARGEST_FEN = 10**18


def capital_words(fen: int) -> str:
    """Write an amount of fen in capital words: 140950 -> 人民币壹仟肆佰零玖元伍角整.

    Raises ValueError for negative amounts and for those of ten quadrillion yuan and more: no contract states either.
    """
    if not 0 <= fen < LARGEST_FEN:
        raise ValueError("no capital words for this amount")
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    words = f"{_integer(yuan)}元" if yuan else ""
    if not rest:
        return f"人民币{words or '零元'}整"
    if jiao:
        # A zero as the last digit of the yuan is said before 角; 107000.53 reads 柒仟元零伍角叁分.
        words += ("零" if words and yuan % 10 == 0 else "") + f"{DIGITS[jiao]}角"
    elif words:
        words += "零"
    return f"人民币{words}" + (f"{DIGITS[cent]}分" if cent else "整")


def _integer(value: int) -> str:
    groups: list[int] = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    words = ""
    gap = False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = True
            continue
        if words and (gap or group < 1000):
            words += "零"
        # 万亿: the 亿 behind it is said by the group below when that one is there.
        words += _four(group) + ("万" if index == len(GROUPS) - 1 and groups[index - 1] else GROUPS[index])
        gap = False
    return words


def _four(group: int) -> str:
    words = ""
    zero = False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if zero and words else "") + DIGITS[digit] + PLACES[place]
            zero = False
        else:
            zero = True
    return words
