"""`yaosu analyse` through the real command: what outside programs rely on, and input that nobody meant."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def analyse(given: bytes, file="-"):
    done = subprocess.run(
        [sys.executable, "-m", "frontend.cli", "analyse", file],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def row(text, name="1"):
    return json.dumps({"id": name, "text": text}).encode() + b"\n"


def test_the_examples_of_the_contract_are_printed_as_promised():
    examples = {
        "不低于92%": ("ge", 92, None, "%", False),
        "日产100-300吨": ("between", 100, 300, "t/d", False),
        "3万吨/年": ("eq", 30000, 30000, "t/a", False),
        "三千小时": ("eq", 3000, 3000, "h", False),
        "±0.02mm": ("tolerance", -0.02, 0.02, "mm", False),
        "-40℃~85℃": ("between", -40, 85, "degC", False),
        "约50元": ("approx", 50, 50, "CNY", False),
        "提高20%以上": ("change", 20, None, "%", True),
        "≥ 5 W/(m·K)": ("ge", 5, None, "W/(m.K)", False),
    }
    code, rows, _ = analyse(b"".join(row(text, text) for text in examples))
    assert code == 0
    keys = ("comparison", "low", "high", "unit", "relative")
    assert {r["id"]: tuple(r["quantities"][0][key] for key in keys) for r in rows} == examples
    assert all((q["start"], q["end"]) == (0, len(r["id"])) for r in rows for q in r["quantities"])
    assert set(rows[0]["quantities"][0]) == {*keys, "start", "end", "name"}


def test_words_bigrams_aliases_and_numbers_are_shown():
    _, [seen], _ = analyse(row("青蒿素提取，见专利zl 2017 2 1099528.4"))
    assert "青蒿素" in seen["words"] and "蒿素" in seen["bigrams"]
    assert "artemisinin" in seen["aliases"]["青蒿素"]
    [number] = seen["numbers"]
    assert (number["kind"], number["value"]) == ("patent", "CN201721099528.4")


def test_nothing_that_can_stand_in_a_text_stops_it():
    texts = ["", "\x00", "\ud800 3mm", "😀" * 100, "。、，" * 50, "\u202e5kg", "10^999999", "9" * 5000, "1e" * 500]
    code, rows, _ = analyse(b"".join(row(text, str(place)) for place, text in enumerate(texts)))
    assert code == 0
    assert [r["id"] for r in rows] == [str(place) for place in range(len(texts))]
    assert rows[2]["quantities"][0]["unit"] == "mm" and rows[5]["quantities"][0]["low"] == 5


def test_a_huge_line_is_read_to_its_end():
    text = "导热系数≥5W/(m·K)，由8%降低到5%以下；" * 20_000 + "末尾3mm"
    _, [seen], _ = analyse(row(text))
    assert len(seen["quantities"]) == 3 * 20_000 + 1
    assert seen["quantities"][-1]["end"] == len(text)


def test_a_line_that_is_none_is_told_and_the_others_are_printed(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_bytes("\ufeff".encode() + row("3mm", "a") + b'\n[1]\nnot json\n{"id": 1}\n\xff\xfe\n' + row("4mm", "b"))
    code, rows, told = analyse(b"", str(file))
    assert code == 1
    assert [r["id"] for r in rows] == ["a", "b"]
    assert told.count("not an object") == 4


def test_a_file_that_is_not_there_is_refused_in_one_sentence(tmp_path):
    code, rows, told = analyse(b"", str(tmp_path / "none.jsonl"))
    assert (code, rows) == (1, []) and "none.jsonl" in told and len(told.splitlines()) == 1
