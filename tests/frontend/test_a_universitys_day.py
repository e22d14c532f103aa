"""A university's day: three hundred results from its own workbook, forty bad rows mended by the pages, published, confirmed by mail."""

import io
import re
from datetime import timedelta

import xlsxwriter
from python_calamine import CalamineWorkbook

from frontend.periodic import each_day
from services.ground import clock
from tests.frontend.market_in_process import market_here

ROWS, BAD = 300, 40
THINGS = ("茶籽", "柚皮", "稻壳", "箱包革", "锰渣", "电池壳", "缝纫机", "米粉", "竹材", "铝板")
DOES = ("低温干燥", "在线检测", "超细研磨", "脱毒", "回收", "表面处理", "节能改造", "分选", "发酵", "焊接")
OURS = {"成果": "title", "目前阶段": "maturity", "开价": "budget", "讲一讲": "body"}


def row_of(number):
    thing, does = THINGS[number % 10], DOES[number // 10 % 10]
    told = f"用于{thing}的{does}，残留不超过{number % 9 + 1}%。"
    name = f"演示{thing}{does}技术{number:03d}"
    return [
        number + 1,
        name,
        "农学院",
        "中试",
        f"{number % 90 + 5}万元",
        "随便",
        told,
        f"李{number % 7}",
        "0746-000000",
    ]


def rows():
    made = [row_of(number) for number in range(ROWS)]
    for bad in range(BAD):
        line = made[bad * (ROWS // BAD) + 3]
        line[4] = ("面议，看诚意", "很便宜", "？？", "价高者得")[bad % 4]
    return made


def workbook(lines):
    """Build what a research office keeps: a title, a line of notes, a head of two rows with merged cells, a sum below."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, look = book.add_worksheet("汇总(最新)(2)"), book.add_format({"bold": True})
    sheet.merge_range(0, 0, 0, 8, "演示大学科技成果汇总表（二〇二六年版）", look)
    sheet.write(1, 0, "填表人：科研处　填表日期：2026.11.20")
    for column, head in ((0, "序号"), (6, "讲一讲")):
        sheet.merge_range(2, column, 3, column, head, look)
    for first, last, over, under in (
        (1, 2, "基本情况", ("成果", "学院")),
        (3, 5, "转化意向", ("目前阶段", "开价", "怎么合作")),
        (7, 8, "联系", ("老师", "电话")),
    ):
        sheet.merge_range(2, first, 2, last, over, look)
        sheet.write_row(3, first, under)
    for number, line in enumerate(lines):
        sheet.write_row(4 + number, 0, line)
    sheet.write_row(5 + len(lines), 0, ["合计", len(lines)])
    book.close()
    return out.getvalue()


def flat(lines):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("改")
    for number, line in enumerate(lines):
        sheet.write_row(number, 0, line)
    book.close()
    return out.getvalue()


def bring(here, browser, content):
    """Upload, let the worker look, say what unknown columns are, and give the batch's address and its page."""
    answer = browser.post("/import", {"kind": "results"}, files={"file": ("成果.xlsx", content, "application/xlsx")})
    url = answer.headers["location"]
    here.drain()
    page = browser.get(url).text
    said = {f"column.{number}": "" for number in re.findall(r'name="column\.(\d+)"', page)}
    for name, label in re.findall(r'<label for="f-(column-\d+)">(.*?)</label>', page):
        head = label.rpartition("／")[2].split(" ")[-1]
        said[name.replace("-", ".")] = OURS.get(head, "")
    assert browser.post(url, {"do": "remap", **said}).status_code == 303
    here.drain()
    return url


def write(here, browser, url):
    """Write the good rows; give the page of the batch."""
    assert browser.post(url, {"do": "write", "what": "good"}).status_code == 303
    here.drain()
    return re.sub(r"<[^>]+>|\s+", " ", browser.get(url).text)


def test_three_hundred_results_from_an_ugly_workbook_are_on_the_shelf_by_evening_and_confirmed_in_spring(tmp_path):
    with market_here(tmp_path) as here:
        here.person("office", organisation="演示大学", email="office@example.org")
        here.person("moderator", "moderator")
        office = here.browser().sign_in("office")
        url = bring(here, office, workbook(rows()))
        write(here, office, url)
        stayed_out = office.get(f"{url}/refused.xlsx").content
        bad = CalamineWorkbook.from_filelike(io.BytesIO(stayed_out)).get_sheet_by_index(0).to_python()
        assert len(bad) == 1 + BAD
        assert all(line[-1] for line in bad), "each row says what to mend"
        for line in bad[1:]:
            right = row_of(int(float(line[0])) - 1)
            line[1], line[4] = right[1], right[4]
        write(here, office, bring(here, office, flat(bad)))
        moderator = here.browser().sign_in("moderator")
        assert moderator.post("/moderation", {"do": "publish", "all": "1"}).status_code == 303
        here.drain()
        found = here.browser().get("/api/v1/search", params={"q": "种类:成果 演示", "limit": 1}).json()
        assert found["total"] == ROWS
        record = here.browser().get("/api/v1/search", params={"q": row_of(3)[1]}).json()["items"][0]
        told = here.browser().get(f"/api/v1{record['url']}").json()
        assert (told["title"], told["maturity"], told["body"]) == (row_of(3)[1], 6, row_of(3)[6])
        with clock.at(clock.now() + timedelta(days=84)):
            each_day(here.market)
            links = re.findall(r"/confirm/\S+", here.mails()[-1][2])
            page = here.browser().post(links[0], {})
            assert "已确认" in page.text
