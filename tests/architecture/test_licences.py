"""What the program is built on may be given away with it, and the page for operators names all of it."""

import re

import pytest

from scripts.licences import ELSEWHERE, PAGE, licence, locked

GOOD = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python Software|LGPL|Lesser General Public|0BSD|Zlib|CC0", re.IGNORECASE
)
BAD = re.compile(
    r"AGPL|Affero|(?<!L)GPL-|(?<!Lesser )General Public License|SSPL|Commons Clause|proprietary", re.IGNORECASE
)


@pytest.mark.parametrize("package", sorted(locked()))
def test_a_package_may_be_given_away_with_the_program(package):
    stated = licence(package)
    assert stated == ELSEWHERE or (GOOD.search(stated) and not BAD.search(stated)), stated


def test_the_bill_of_materials_names_every_locked_package_and_version():
    rows = dict(re.findall(r"^\| ([^ |]+) \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    rows.pop("package")
    assert rows == {name: ", ".join(versions) for name, versions in locked().items()}
