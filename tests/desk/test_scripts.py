"""The procedures as data: what ships can be walked, and what cannot be walked is refused with its place."""

from pathlib import Path

import pytest

from models.words import Channel
from portal import settings
from portal.desk import kinds, notices, scripts
from portal.desk.fields import FIELDS
from portal.desk.scripts import CLOSING, OPENING, BrokenScript


def test_every_situation_runs_from_greeting_to_goodbye() -> None:
    """S2-0.2, S3-2.1a, S3-2.1b, S4-2.1a, S4-2.1c"""
    walked = {key: [step.key for step in script.walked({})] for key, script in scripts.library().items()}
    begun, ended = ([step.key for step in scripts.pack()[one].steps] for one in (OPENING, CLOSING))
    assert {
        key: (steps[: len(begun)], steps[-len(ended) :]) for key, steps in walked.items()
    } == dict.fromkeys(walked, (begun, ended))
    assert [key for key, steps in walked.items() if steps == begun + ended] == [OPENING]


def test_every_kind_in_a_script_is_one_that_we_have_and_has_its_template() -> None:
    folder = Path(kinds.__file__).parents[3] / "templates/intake/kinds"
    drawn = {file.stem for file in folder.glob("*.html") if not file.stem.startswith("_")}
    assert set(kinds.KINDS) == set(scripts.STEP_KINDS) == drawn


def test_every_step_asks_a_question_has_words_and_names_its_clauses() -> None:
    lacking = [
        f"{key}/{step.key}"
        for key, script in scripts.library().items()
        for step in script.steps
        if not (step.title.endswith("?") and step.clauses and step.know and step.words(Channel.PHONE))
    ]
    assert lacking == []


TOP = 'title = "T"\nversion = "1"\n[[steps]]\n'
STEP = 'key = "greet"\nname = "Greet"\ntitle = "Greeted?"\nkind = "say"'
BROKEN = {
    TOP: "opening.toml, line 3, step number 1: key is missing",
    'title = "T"\nversion = "1"\n': "opening.toml: it has no steps",
    'version = "1"\n[[steps]]\n' + STEP: "opening.toml: title is missing",
    TOP + STEP.replace('"say"', '"sing"'): (
        "opening.toml, line 7, step greet: there is no kind of step called sing"
    ),
    TOP + STEP + '\nsay = {fax = "Hello"}': (
        "opening.toml, line 8, step greet: there is no channel or time of day called fax"
    ),
    TOP + STEP + '\nmood = "calm"': "opening.toml, line 8, step greet: nothing is called mood here",
    TOP + STEP + '\n[[steps.ask]]\nname = "a"\nkind = "song"\nlabel = "A"': (
        "opening.toml, line 10, step greet, question a: there is no kind of answer called song"
    ),
    TOP + STEP + '\nask = [{name = "a", kind = "choice", label = "A"}]': (
        "opening.toml, line 8, step greet, question a: a choice needs choices, and nothing else has them"
    ),
    f"{TOP}{STEP}\n[[steps]]\n{STEP}": ("opening.toml, line 8, step greet: there are two steps of this name"),
    TOP + STEP + "\ntitle.en = 3": "opening.toml, line 8: ",
    TOP + STEP + '\nwhen = [{step = "later", field = "x", among = ["y"]}]': (
        "opening.toml, step greet: its condition asks about later, which does not come before it"
    ),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.items(), ids=[told[:60] for told in BROKEN.values()])
def test_a_broken_script_is_refused_with_its_place_and_the_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    for file in scripts.FOLDER.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "opening.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenScript) as refused:
        scripts.library(tmp_path)
    assert str(refused.value).startswith(told)


def test_a_step_appears_by_an_earlier_answer_alone(tmp_path: Path) -> None:
    for file in scripts.FOLDER.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    inquiry = (tmp_path / "inquiry.toml").read_text(encoding="utf-8")
    asked = (
        '\n[[steps]]\nkey = "more"\nname = "More"\ntitle = "And then?"\nkind = "ask"\n'
        'when = [{step = "answer", field = "settled", among = ["follow_up"]}]\n'
    )
    (tmp_path / "inquiry.toml").write_text(inquiry + asked, encoding="utf-8")
    script = scripts.library(tmp_path)["inquiry"]
    answers = [{}, {"answer": {"settled": "resolved"}}, {"answer": {"settled": "follow_up"}}]
    assert ["more" in [step.key for step in script.walked(one)] for one in answers] == [False, False, True]


def test_the_desk_works_in_every_language_its_letters_are_written_in() -> None:
    assert settings.LANGUAGES == notices.LANGUAGES
    with pytest.raises(settings.BadSetting, match="HANDRAIL_LANGUAGE must be one of en, de"):
        settings.read({"HANDRAIL_LANGUAGE": "fr"})


def test_every_kind_of_answer_that_a_script_may_ask_for_is_there() -> None:
    assert set(FIELDS) == scripts.FIELD_KINDS
