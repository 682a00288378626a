"""The grammar auto: programs where a question needs them, paths elsewhere, and never a list for a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from given_programs import GivenPrograms

from kgqa.answer import Calibration, ExpectedForm
from kgqa.errors import NoTopicError, UsageError
from kgqa.finders import ChainSpace
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Node, NodeKind, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Query
from kgqa.pipeline.router import CueWords
from kgqa.program import CoverageRule

FACTS = [
    ("Danube", "flows through", "Austria"),
    ("Danube", "flows through", "Hungary"),
    ("Rhine", "flows through", "Austria"),
    ("Danube", "length", "2850"),
    ("Rhine", "length", "1230"),
    ("Danube", "type", "river"),
    ("Rhine", "type", "river"),
    ("Inn", "type", "river"),
    ("Thaya", "type", "river"),
]
COUNT = "How many countries does the Danube flow through?"
LONGEST = "Which river is the longest?"
PATH = "Which countries does the Danube cross?"
PROGRAMS = {
    COUNT: ["Danube -> flows through", "Danube -> flows through | count"],
    LONGEST: ["all river", "all river | most -> length"],
    PATH: ["Danube -> flows through"],
}


class Finder(GivenPrograms):
    writes_programs = True


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(FACTS)


class TwoFinders(Finder):
    """Given programs, and paths of the mock model."""

    def find(self, questions, space):  # type: ignore[no-untyped-def]
        if space.grammar == "programs":
            return super().find(questions, space)
        return Answerer(space.graph, MockLanguageModel()).hypothesis_finder.find(questions, space)


def auto(graph: IndexedGraph, **settings: object) -> Answerer:
    return Answerer(graph, TwoFinders(PROGRAMS), grammar="auto", calibration=None, **settings)  # type: ignore[arg-type]


def test_a_batch_is_split_and_its_outcomes_come_in_the_order_of_the_questions(graph: IndexedGraph) -> None:
    outcomes = list(auto(graph).run([LONGEST, PATH, COUNT, PATH, "Who?"], 5))
    assert [outcome.question for outcome in outcomes] == [LONGEST, PATH, COUNT, PATH, "Who?"]
    assert outcomes[0].unwrap().names == ("Danube",)
    assert outcomes[2].unwrap().value == "2"
    assert outcomes[1].unwrap().proof is None
    assert outcomes[1].unwrap() == outcomes[3].unwrap()
    assert outcomes[1].unwrap().entities[0].chains


def test_a_question_that_names_no_entity_is_asked_of_the_programs(graph: IndexedGraph) -> None:
    finder = TwoFinders({"list the rivers": ["all river"]})
    answerer = Answerer(graph, finder, grammar="auto", calibration=None)
    assert set(answerer.answer("list the rivers").names) == {"Danube", "Rhine", "Inn", "Thaya"}


def test_paths_answer_all_questions_of_a_finder_without_programs(graph: IndexedGraph) -> None:
    class PathsOnly(TwoFinders):
        writes_programs = False

    answerer = Answerer(graph, PathsOnly(PROGRAMS), grammar="auto", calibration=None)
    assert answerer.answer(PATH)
    (count, nameless) = answerer.run([COUNT, "list the rivers"])
    assert count.unwrap().proof is None
    assert isinstance(nameless.error, NoTopicError)


@dataclass(frozen=True, eq=False)
class SureFinders(TwoFinders):
    """Given programs and paths of given confidences (as log-odds)."""

    sure: Mapping[str, float]

    def calibration(self, space: ChainSpace) -> Calibration:
        return Calibration(bias=self.sure[space.grammar], score=0.0, lead=0.0)


@pytest.mark.parametrize(("by_path", "by_program"), [(-0.5, True), (0.4, True), (0.6, False), (5.0, False)])
def test_of_two_names_the_surer_of_paths_and_programs_answers(
    graph: IndexedGraph, by_path: float, by_program: bool
) -> None:
    two, one = "What of Hungary is on the Rhine and the Danube?", "What is on the Danube?"
    programs = {two: ["Hungary <- flows through"], one: ["Danube -> length"]}
    finder = SureFinders(programs, {"relations": by_path, "programs": 0.5})
    answerer = Answerer(graph, finder, grammar="auto")
    assert (answerer.answer(two).proof is not None) == by_program
    assert answerer.answer(one).proof is None


def test_a_superlative_in_the_name_of_a_relation_may_be_answered_by_a_path() -> None:
    peaks = GraphBuilder.of([("Nepal", "highest point", "Everest"), ("Everest", "range", "Himalaya")])
    named, other = "What is the highest point of Nepal?", "What is the longest way to Nepal?"
    programs = {named: ["Nepal -> highest point -> range"], other: ["Nepal -> highest point"]}
    for by_path, is_path in ((3.0, True), (0.5, False)):
        finder = SureFinders(programs, {"relations": by_path, "programs": 1.0})
        answerer = Answerer(peaks, finder, grammar="auto", check_form=False)
        assert (answerer.answer(named).proof is None) == is_path
        assert answerer.answer(other).proof is not None


@pytest.mark.parametrize(
    ("question", "needed"),
    [
        ("Which rivers cross Austria or Hungary?", True),
        ("which rivers cross austria or hungary", True),
        ("Which rivers cross an austria or hungary?", True),
        ("Which river runs or ends there?", False),
        ("Which river was found in February 1920?", True),
        ("Which river was found on 3 May 1920?", True),
        ("Which river did May find?", False),
        ("the best-selling river of all", True),
        ("Top three rivers by length", True),
        ("Which rivers are on top of Austria?", False),
    ],
)
def test_months_and_names_with_or_between_them_need_a_program(
    graph: IndexedGraph, question: str, needed: bool
) -> None:
    assert CueWords().needs_program(question, graph) == needed


def test_how_many_is_never_answered_by_a_list(graph: IndexedGraph) -> None:
    preferred = auto(graph).answer(COUNT)
    assert (preferred.value, preferred.entities) == ("2", ())
    only_lists = TwoFinders({COUNT: ["Danube -> flows through"]})
    for grammar in ("auto", "programs", "relations"):
        answerer = Answerer(graph, only_lists, grammar=grammar, calibration=None)
        answer = answerer.answer(COUNT)
        assert not answer
        assert answer.reason == "the question asks for a number; no program that gives one was found"
        assert answer.to_dict()["reason"] == answer.reason
        unchecked = Answerer(graph, only_lists, grammar=grammar, calibration=None, check_form=False)
        assert unchecked.answer(COUNT)


def test_how_many_of_each_is_never_answered_by_one_number(graph: IndexedGraph) -> None:
    asked, number = "How many countries does each river flow through?", "all river | count"
    finder = TwoFinders({asked: [number, "all river | each count -> flows through"]})
    answer = Answerer(graph, finder, grammar="programs", calibration=None).answer(asked)
    assert answer.form == "table"
    asked, total = "What is the length of each river?", "all river | total -> length"
    finder = TwoFinders({asked: [total, "all river | each -> length"]})
    answer = Answerer(graph, finder, grammar="programs", calibration=None).answer(asked)
    assert answer.form == "table"
    asked = "How many countries does each river flow through?"
    answer = Answerer(graph, TwoFinders({asked: [number]}), grammar="programs", calibration=None).answer(
        asked
    )
    assert not answer
    assert answer.reason == "the question asks for a number for each; no program that gives them was found"


def test_the_confidence_is_that_of_the_answer_and_not_of_better_programs_of_another_form(
    graph: IndexedGraph,
) -> None:
    lists = {COUNT: [*("Danube -> flows through",) * 20, "Danube -> flows through | count"]}
    by_score = Calibration(bias=2.0, score=1.0, lead=0.0)
    answers = [
        Answerer(graph, Finder(programs), grammar="programs", calibration=by_score).answer(COUNT)
        for programs in ({COUNT: PROGRAMS[COUNT][1:]}, PROGRAMS, lists)
    ]
    assert [answer.value for answer in answers] == ["2"] * 3
    first, second, last = (answer.confidence or 0.0 for answer in answers)
    assert first > second > 0.1 > last


def test_the_largest_is_no_list_unless_a_comparison_gives_it(graph: IndexedGraph) -> None:
    assert auto(graph).answer(LONGEST).names == ("Danube",)
    finder = TwoFinders({LONGEST: ["all river"]})
    answer = Answerer(graph, finder, grammar="programs", calibration=None).answer(LONGEST)
    assert not answer
    assert "one winner" in answer.reason


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many rivers are there?", "number"),
        ("in how many films did he act", "number"),
        ("What is the number of rivers?", "number"),
        ("Is Paris the capital of France?", "boolean"),
        ("did she win the Nobel Prize", "boolean"),
        ("Is the Nile or the Danube longer?", "winner"),
        ("What is the average length of its rivers?", "number"),
        ("How many rivers flow through each country?", "numbers"),
        ("What is the average length in each country?", "numbers"),
        ("number of rivers per country", "numbers"),
        ("What is the average population per square km?", "number"),
        ("How many rivers, on average, has each country?", "number"),
        ("What is the average number of rivers of each country?", "number"),
        ("How many countries border each other?", "number"),
        ("How many books did Per Petterson write?", "number"),
        ("How many people act in Each Dawn I Die?", "number"),
        ("HOW MANY RIVERS HAS EACH COUNTRY?", "numbers"),
        ("What is the population of each country?", "several"),
        ("Name the rivers of each country", "several"),
        ("What is the population per square km?", None),
        ("Who directed each film?", "someone"),
        ("Is the Nile or the Danube a river?", None),
        ("Which is deeper, Lake Geneva or Lake Constance?", "winner"),
        ("Is Paris where France has its capital?", "boolean"),
        ("Is it known which river it is?", None),
        ("did whoever wrote Hunger get an award, and which", None),
        ("can you name a film directed by Mel Stuart", None),
        ("Which country of Africa has the largest population?", "winner"),
        ("What are the largest cities of Africa?", None),
        ("Who directed The Longest Day?", "someone"),
        ("by whom was it directed", "someone"),
        ("WHO DIRECTED IT?", "someone"),
        ("WHO founding date", None),
        ("whose population is it", None),
        ("where do most of the people in egypt live", None),
        ("Which countries lie in the southwest?", None),
    ],
)
def test_the_form_of_a_question_says_what_it_asks_for(question: str, kind: str | None) -> None:
    expected = ExpectedForm.of(question)
    assert (expected.kind if expected else None) == kind


def test_who_is_no_date(graph: IndexedGraph) -> None:
    long = "Who was born after 1900?"
    dates = GraphBuilder.of(
        [("Ann", "born", "1901-02-03"), ("Bob", "born", "1999-01-01"), ("Ann", "type", "man")]
    )
    for texts, names in ((["Ann -> born", "Ann -> type"], ("man",)), (["Ann -> born"], ())):
        answer = Answerer(dates, TwoFinders({long: texts}), grammar="programs", calibration=None).answer(
            long, ["Ann"]
        )
        assert answer.names == names
    assert answer.reason == "the question asks for someone; no program that names one was found"


def test_true_or_false_is_yes_or_no() -> None:
    asked, value = "Is Quiche vegetarian?", '"false"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    meals = GraphBuilder.of(
        [Node(value, NodeKind.LITERAL), Name(value, "false"), Triple("Quiche", "is vegetarian", value)]
    )
    finder = TwoFinders({asked: ["Quiche -> is vegetarian"]})
    assert Answerer(meals, finder, grammar="programs", calibration=None).answer(asked).names == ("false",)


def test_a_relation_that_states_the_winner_gives_several(graph: IndexedGraph) -> None:
    facts = [("Alps", "highest point", "Mont Blanc"), ("Alps", "highest point", "Dufourspitze")]
    alps = GraphBuilder.of(facts)
    question = "What is the highest point of Alps?"
    answer = Answerer(alps, MockLanguageModel()).answer(question)
    assert set(answer.names) == {"Mont Blanc", "Dufourspitze"}
    other = GraphBuilder.of([(head, "summit", tail) for head, _, tail in facts])
    assert not Answerer(other, MockLanguageModel()).answer(question)


@pytest.mark.parametrize(
    ("question", "needs"),
    [
        ("How many films did he direct?", True),
        ("Which films did Nolan direct after 2010?", True),
        ("Which countries border France but not Germany?", True),
        ("is Paris the capital of France", True),
        ("Which rivers are longer than 1,000 km?", True),
        ("average salary for each department", True),
        ("Does the Rhine or the Elbe reach further?", True),
        ("What is the number of rivers?", True),
        ("Which team has the highest number of wins?", True),
        ("In what number of films did he act?", True),
        ("Which cities have over two million inhabitants?", True),
        ("Which countries border Austria and also Hungary?", True),
        ("Which countries border no sea?", True),
        ("Name all countries next to Chile or next to Uruguay.", True),
        ("What books appeared in the year 1937?", True),
        ("What were the first two books by Jane Austen?", True),
        ("Which river comes second in length?", True),
        ("Who was the last to become king?", True),
        ("On what day was he born?", True),
        ("How long is the Rhine?", True),
        ("How tall is the Rhine?", False),
        ("Who was the first to climb it?", False),
        ("Who starred in No Country for Old Men?", False),
        ("what is the phone number of Ann?", False),
        ("who directed Kismet?", False),
        ("what movies was Peter Cushing an actor in", False),
        ("who was the president after jfk died", False),
        ("Who directed The Man Who Wasn't There?", False),
    ],
)
def test_cue_words_ask_for_programs(question: str, needs: bool, graph: IndexedGraph) -> None:
    assert CueWords().needs_program(question, graph) is needs


@pytest.mark.parametrize("action", ["warn", "abstain"])
def test_a_superlative_over_members_without_values_is_not_taken_for_sure(
    graph: IndexedGraph, action: str
) -> None:
    rule = CoverageRule(0.6, action)  # type: ignore[arg-type]
    answer = auto(graph, coverage=rule).answer(LONGEST)  # 2 of 4 rivers have a length
    if action == "warn":
        assert answer.names == ("Danube",)
        assert "50%" in answer.warnings[0]
        assert answer.notes[-1] == answer.warnings[0]
    else:
        assert not answer
        assert "50%" in answer.reason
    assert auto(graph, coverage=CoverageRule(0.5, action)).answer(LONGEST).warnings == ()  # type: ignore[arg-type]
    assert auto(graph, coverage=None).answer(LONGEST).names == ("Danube",)


def test_a_routed_answerer_describes_what_decides_its_outcomes(graph: IndexedGraph) -> None:
    found = auto(graph).describe()
    assert found["grammar"] == "auto"
    assert {"router", "coverage", "check_form"} <= found.keys()


def test_questions_and_topics_go_through_unchanged(graph: IndexedGraph) -> None:
    (outcome,) = auto(graph).run([Query(COUNT, ["Danube"])])
    assert outcome.topics == ("Danube",)
    with pytest.raises(UsageError):
        list(auto(graph).run(COUNT))
