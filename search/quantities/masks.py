"""What has digits and is no quantity: numbers of records, standards, dates, telephones, CAS numbers, list numbers, ratios.

Each pattern is one line with its name, so that a fault has one place.
"""

import re
from bisect import bisect_right

from search import numbers

_MONTH = r"(?:1[0-2]|0?[1-9])"
_YEAR = r"(?:1[89]|20)\d\d"
PATTERNS = {
    "standard": r"(?<![A-Za-z])(?:GB|HJ|JB|YY|NY|LY|QB|HG|SH|SY|DL|DB|JGJ|CJJ|JTG|JT|TB|YB|FZ|SN|WS|ISO|IEC|ASTM|EN|DIN|JIS|ANSI|IEEE|UL|T)"
    r"(?:\s?/\s?[A-Z]{1,6})*[-\s]{0,2}[A-Z]?\d{2,6}(?:\.\d+)*(?:\s?[-:]\s?(?:\d{4}|\d\d))?(?![\d%])(?!\s?[a-zμΩ℃])",
    "date": rf"{_YEAR}\s?年(?:度|底|初|末|\s?{_MONTH}\s?月(?:份|底|初|末)?(?:\s?\d{{1,2}}\s?[日号])?)?"
    rf"|{_YEAR}\s?[-~/.至到]\s?{_YEAR}(?:\s?年度?)?(?!\s?[a-zA-Z℃%])"
    rf"|(?<!\d){_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)|(?<!\d){_YEAR}[-/.]{_MONTH}(?![\d.])(?=月|\)|\s?[-~至])"
    rf"|(?<!\d){_MONTH}\s?月(?!龄|产)\s?(?:份|底|初|末|[上中下]旬)?(?:\s?\d{{1,2}}\s?[日号])?"
    rf"|(?<!\d){_MONTH}\s?[-~至、]\s?{_MONTH}\s?月(?!龄)|\d\d(?:世纪|年代)|\d\d后(?!\d)"
    r"|二[〇零○]\d*[一二三四五六七八九〇零○]{2}年|[一二三四五六七八九十]{1,3}五(?=规划|期间|时期)",
    "clock": r"(?<!\d)[012]?\d:[0-5]\d(?::[0-5]\d)?(?=\s?[-~,，。、)]|\s?$|[^\d.])",
    "ratio": r"(?<![\d.])\d{1,9}(?:\.\d{1,9})?(?:\s?[-~]\s?\d+(?:\.\d+)?)?(?:\s?[:∶]\s?\(?\d+(?:\.\d+)?(?:\s?[-~]\s?\d+(?:\.\d+)?)?\)?)+",
    "telephone": r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4})(?!\d)",
    "cas": r"(?<![\d.-])[1-9]\d{1,6}-\d\d-\d(?![\d%.])",
    "ordinal": r"第\s?(?:\d+(?:\s?[-~、至]\s?\d+)*|[一二三四五六七八九十百千]+)",
    "reference": r"(?:图|表|式|步骤|实施例|对比例|附图|公式|方程|权利要求|SEQ\s?ID\s?NO|[Nn][Oo]|编号|型号|牌号|批号|证书号|房间|邮编|电话|QQ|版本|[Vv]er|Step|step)"
    r"[.:：\s]*\(?[A-Za-z]{0,3}-?\d+(?:[.-]\d+)*(?:\s?[-~、,至和]\s?\d+(?:[.-]\d+)*)*\)?",
    "list": r"(?:^|(?<=[\n。；;:：，,、！？!?)）】]))\s*(?:\(\s?\d{1,2}\s?\)|[Ss]\d{1,3}(?:[.-]\d{1,2})?\s?[.:、，,](?!\d)|[Ss]\d{1,3}\.(?=\d+\.\d))"
    r"|(?:^|(?<=[\n。；;:：，,！？!?】]))\s*(?:[1-9]\d?(?:\.\d{1,2}){1,3}(?=\s?[\u4e00-\u9fff、])(?!\s?[年月日周倍万亿千吨个元米克升天亩度分种台套项名人家秒小毫微纳厘公平立兆赫摩英美欧份条次]))"
    r"|(?:^|(?<=[\n。；;:：，,！？!?】]))\s*\d{1,2}\s?(?:[、)]|\.(?!\d))",
    "grade": r"\d{1,3}[A-Z]{1,2}级(?=景区|旅游)|[一二三四五六七八九](?:级|等|类|甲|乙|本|期|线|代|品)",
    "dimension word": r"[1-5]\s?[dD](?=打印|点云|模型|图|建模|扫描|视觉|重建|结构|形|显示|效果|卷积|姿态|场景|人脸|目标|检测)"
    r"|[2345]\s?G(?!Hz|B|b|Pa)|(?<![\d.])(?:2|4|8|16|32|64|128|256|512)\s?K(?![a-zA-Zm])|(?:1H|13C|31P|19F)(?=[-\s]?(?:NMR|核磁))|\d(?:\.\d+)?C[CD](?![A-Za-z])|[34][SC](?=店|认证|产品|数码|电子|强制)",
    "steel": r"(?<![\d.])(?:20[1245]|30[1-9]|31[0-7]|321|347|4[0-4]\d|63[01]|904|2205|2507)(?:[LHNSR]{1,2}|(?=\s?(?:不锈|奥氏|马氏|[、(]\s?\d{3}[A-Z、])))(?![a-z\d])",
    "mailbox": r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,32})+|https?://[^\s\u4e00-\u9fff]{1,300}|www\.[^\s\u4e00-\u9fff]{1,200}",
    "idiom": r"一次性|一年[生四一]|一天到晚|一线|一步|一点|一旦|一方|一定|千万[不别要]|百[姓货合]|万[一能向]|千[百家]|百[分]?[制比率]|十分(?!钟|之)|三元|二元|一元|四元|五金|三角|八角|百年|五年制|千斤顶|万用|十字|双百|三七|两头|两岸|五谷|四季",
    "chemistry": r"\d{0,3}\s?H2O|\)\d{1,3}·\d{1,3}|<[Ss]u[bp]>[^<]{1,20}</[Ss]u[bp]>",
}
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS.values()), re.MULTILINE)

_DIGIT_OR_NUMERAL = re.compile(r"[\d一二三四五六七八九十百千万]")


class Mask:
    """The stretches of a folded line in which no quantity begins."""

    def __init__(self, line: str) -> None:
        """Find them all."""
        if not _DIGIT_OR_NUMERAL.search(line):
            line = ""
        spans = [(hit.start(), hit.end()) for hit in _ANY.finditer(line)]
        spans += [(number.start, number.end) for number in numbers.find_numbers(line)]
        spans.sort()
        self.starts = [start for start, _ in spans]
        self.ends: list[int] = []
        for _, end in spans:
            self.ends.append(max(end, self.ends[-1]) if self.ends else end)

    def end(self, place: int) -> int:
        """Give where the stretch ends in which a place lies; 0 outside of all."""
        at = bisect_right(self.starts, place) - 1
        return self.ends[at] if at >= 0 and place < self.ends[at] else 0
