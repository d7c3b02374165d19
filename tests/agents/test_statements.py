"""The plain SQL of a run reads what the ORM reads."""

from uuid import UUID

import pytest
from django.db.models import Model

from agents.access import runs_with_names
from agents.models import Run
from agents.statements import get_run_with_names, get_runs
from project.ids import new_id
from tests.agents.conftest import Room

pytestmark = pytest.mark.django_db(transaction=True)


def values(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_run_in_plain_sql_is_the_orms_with_all_it_names(room: Room) -> None:
    said = room.say(room.session(), "Look at it")
    run_id = UUID(said["run"]["id"])
    Run.objects.filter(id=run_id).update(budget={"tokens": 5}, attempts=[{"number": 1}], cost_usd=0.25, error=None)
    plain, orm = get_run_with_names(run_id), runs_with_names().get(id=run_id)
    [bare] = get_runs([new_id(), run_id])
    assert values(bare) == values(plain) == values(orm)
    assert values(plain.session) == values(orm.session)
    for name in ("agent", "started_by"):
        assert values(getattr(plain, name)) == values(getattr(orm, name))
    assert values(plain.session.owner) == values(orm.session.owner)


def test_run_that_is_gone_does_not_exist() -> None:
    with pytest.raises(Run.DoesNotExist):
        get_run_with_names(new_id())
    assert get_runs([new_id()]) == get_runs([]) == []
