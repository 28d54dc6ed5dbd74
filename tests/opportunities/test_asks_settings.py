"""How a project file says how much is asked at once."""

from decimal import Decimal

import pytest

from upcross.errors import ProjectError
from upcross.opportunities import Limits
from upcross.project import open_project


def limits(tmp_path, asks):
    (tmp_path / "upcross.yaml").write_text(f"name: X\nreporting_currency: EUR\nasks: {asks}\n", encoding="utf-8")
    return open_project(tmp_path).limits


def test_nothing_is_limited_unless_somebody_says_so(tmp_path):
    assert limits(tmp_path, "{}") == Limits()


def test_all_limits_are_read(tmp_path):
    asks = '{per_owner_per_week: 10, reserved_share: 20%, per_account_30d: 3, holdout: {share: 0.1, salt: "2026"}}'
    found = limits(tmp_path, asks)
    assert found == Limits(10, Decimal("0.2"), 3, Decimal("0.1"), "2026")
    assert found.reserved == 2, "10 × 20%"


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ("{reserved_share: 60%}", "at most 50%"),
        ("{reserved_share: a fifth}", "such as 20%"),
        ("{holdout: {share: 120%}}", "from 0% to 100%"),
        ("{per_owner_per_week: 0}", "must be at least 1, not 0"),
        ("{per_owner_a_week: 5}", "did you mean 'per_owner_per_week'?"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(tmp_path, asks, said):
    with pytest.raises(ProjectError) as caught:
        limits(tmp_path, asks)
    assert said in str(caught.value)
    assert "upcross.yaml:3" in str(caught.value)
