"""The frame, the stylesheet and the templates: what holds for every page, whatever it shows."""

import ast
import dataclasses
import importlib
import re
from pathlib import Path

import jinja2.meta
import pytest

import frontend.pages
from frontend import i18n, texts
from frontend.highlight import marked
from frontend.texts import all_texts, text_of
from frontend.web import STATIC_FOLDER, TEMPLATES, environment, local_path, units

ROOT = Path(frontend.pages.__path__[0])
SHELL = {"shell"}


def tokens():
    css = (STATIC_FOLDER / "yaosu.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css[: css.index("}")]))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *(
            (text, ground, 4.5)
            for text in ("ink", "ink-2", "ink-3")
            for ground in ("paper", "surface", "sunk", "xiao-wash")
        ),
        *((text, ground, 4.5) for text in ("xiao", "bad", "ok", "warn", "info") for ground in ("paper", "surface")),
        *((kind, f"{kind}-wash", 4.5) for kind in ("ok", "warn", "bad", "info")),
        *(
            ("surface", ground, 4.5)
            for ground in ("xiao", "xiao-deep", "deep-2", "k-need", "k-result", "k-patent", "k-expert")
        ),
        ("xiao-deep", "xiao-wash", 4.5),
        ("ink", "mark", 4.5),
        ("line-2", "surface", 3),
        ("line-2", "paper", 3),
        ("focus", "paper", 3),
        ("focus-dark", "xiao-deep", 3),
    ],
)
def test_colours_can_be_told_apart_by_weak_eyes(text, ground, least):
    colours = tokens()
    assert contrast(colours[text], colours[ground]) >= least


def test_the_stylesheet_fetches_nothing_from_elsewhere():
    css = (STATIC_FOLDER / "yaosu.css").read_text(encoding="utf-8")
    assert "http" not in css
    assert "@import" not in css


def test_no_template_names_a_foreign_host():
    for path in TEMPLATES.rglob("*.html"):
        hosts = set(re.findall(r"https?://[^\s\"'<]+", path.read_text(encoding="utf-8")))
        assert hosts <= {"http://www.w3.org/2000/svg"}, path


def page_class(module, function, value):
    """What the third argument of a render() is: a dataclass built there, in the same function, or by a helper."""
    if isinstance(value, ast.Name):
        sources = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == value.id
        ]
        return next((found for source in sources if (found := page_class(module, function, source))), None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        found = getattr(module, value.func.id, None)
        if dataclasses.is_dataclass(found):
            return found
        return getattr(module, getattr(found, "__annotations__", {}).get("return", type(None)).__name__, None)
    return None


def pages_and_templates():
    """Every `render(request, "x.html", page)` of the pages, with the dataclass it gives."""
    for path in sorted(ROOT.glob("*.py")):
        module = importlib.import_module(f"frontend.pages.{path.stem}")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", "") == "render"
                    and isinstance(node.args[1], ast.Constant)
                ):
                    found = page_class(module, function, node.args[2])
                    if dataclasses.is_dataclass(found):
                        yield node.args[1].value, found


def names_used(template):
    env = environment()
    found, own, seen, waiting = set(), set(), set(), [template]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        tree = env.parse(env.loader.get_source(env, name)[0])
        found |= jinja2.meta.find_undeclared_variables(tree)
        # What a template imports or sets at its top is known in its blocks, though the finder does not see it.
        own |= {node.target for node in tree.find_all(jinja2.nodes.Import)}
        own |= {node.name for node in tree.find_all(jinja2.nodes.Macro)}
        own |= {
            node.target.name
            for node in tree.find_all(jinja2.nodes.Assign)
            if isinstance(node.target, jinja2.nodes.Name)
        }
        # Imported macros get what they need as arguments; only the frame and parts see the page's own names.
        waiting += [
            node.template.value
            for node in tree.find_all((jinja2.nodes.Extends, jinja2.nodes.Include))
            if isinstance(node.template, jinja2.nodes.Const) and node.template.value.endswith(".html")
        ]
    return found - own - set(env.globals)


@pytest.mark.parametrize(
    ("template", "page"),
    sorted(set(pages_and_templates()), key=lambda item: (item[0], item[1].__name__)),
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_template_uses_exactly_what_its_page_gives(template, page):
    given = {item.name for item in dataclasses.fields(page)}
    used = names_used(template)
    assert used - SHELL <= given, "the template hopes for a name that nobody gives"
    assert given <= used, "the page gives what the template never shows"


def test_the_list_of_pages_is_not_empty_by_mistake():
    assert len({template for template, _page in pages_and_templates()}) > 12


def test_every_template_of_a_page_has_a_title():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if text.startswith('{% extends "base.html"'):
            assert "{% block title %}" in text, path


def test_every_text_of_a_template_can_be_translated():
    """A text outside `_()` stays Chinese for ever."""
    spoken = re.compile(r"\{#.*?#\}|\{[{%].*?[}%]\}", re.DOTALL)
    # What is cut off a name of the data is no text of ours.
    quoted = re.compile(r'''_\("[^"]*"|(?:removesuffix|replace)\("[^"]*"''')
    han = re.compile("[\u4e00-\u9fff]+")
    found = []
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        plain = spoken.sub("", text)
        inside = "".join(quoted.sub("", part) for part in spoken.findall(text) if not part.startswith("{#"))
        found += [f"{path.name}: {word}" for word in han.findall(plain) + han.findall(inside)]
    assert found == []


def test_the_gatherer_finds_texts_of_templates_pages_and_errors():
    wanted = {str(message.id) for message in i18n.gather() if message.id}
    assert {"跳到正文", "在架需求", all_texts()["not_found"]} <= wanted


def test_a_translation_keeps_every_blank_of_its_text():
    blank = re.compile(r"%\(\w+\)s|\{\w+\}")
    with (i18n.LOCALES / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in i18n.pofile.read_po(file):
            if message.id and message.string:
                assert sorted(blank.findall(message.id)) == sorted(blank.findall(message.string)), message.id


def test_an_error_text_without_its_particulars_still_reads(monkeypatch):
    monkeypatch.setattr(
        texts, "listeners", []
    )  # nobody raised these: they must not count as raised (tests/conftest.py)
    for code in all_texts():
        assert text_of(code)


def test_an_unknown_code_is_named_so_that_it_can_be_looked_up():
    assert "no_such_code" in text_of("no_such_code")


def test_english_falls_back_to_chinese_where_nothing_is_translated():
    with i18n.speaking("en"):
        assert i18n.gettext("搜索") == "Search"
        assert i18n.gettext("没有人翻译过的话") == "没有人翻译过的话"
    assert i18n.gettext("搜索") == "搜索"


@pytest.mark.parametrize(
    "text", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "", None, "desk", "/a\nb"]
)
def test_nobody_is_led_to_a_foreign_place(text):
    assert local_path(text, "/desk") == "/desk"


def test_a_way_back_on_this_site_is_kept():
    assert local_path("/needs/N-2026-000001?x=1") == "/needs/N-2026-000001?x=1"


def test_marked_words_are_still_escaped():
    assert str(marked("<b>提取</b>", [(3, 5)])) == "&lt;b&gt;<mark>提取</mark>&lt;/b&gt;"
    assert str(marked("<i>", ())) == "&lt;i&gt;"


def test_units_are_written_as_people_write_them():
    assert units("≤ 45 degC") == "≤ 45 ℃"
    assert units("≤ 6 count") == "≤ 6"
    assert units("3 t/d") == "3 t/d"
