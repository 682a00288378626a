"""Build the atlas: read its tables, check them, and write the graph and its questions.

    python scripts/build_atlas.py            # write graphs/atlas/atlas.ttl, data/atlas/{train,dev,test}.jsonl
    python scripts/build_atlas.py --check    # exit 1 if those files are not what would be written

The same tables always give the same bytes. `graphs/atlas/README.md` describes the tables of facts,
`data/atlas/README.md` the tables of question templates.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle, islice, product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
GRAPH_FOLDER = Path("graphs/atlas")
QUESTION_FOLDER = Path("data/atlas")

BASE_IRI = "https://kgqa.example/atlas/"
SPLITS = ("train", "dev", "test")

TOPICS_PER_TEMPLATE = 3
TOPICS_PER_ONE_HOP_TEMPLATE = 1
MOST_ANSWERS = 30
MOST_GOLD_PATHS = 200
MOST_CHAINS_SEARCHED = 2000


class AtlasError(Exception):
    """The tables contradict themselves; one line per finding, each naming file and line."""


# ---------------------------------------------------------------------------------------------------------
# The graph: entities, literals, facts


class Entity(NamedTuple):
    """A node with a name of its own; the qualifier tells entities of equal label apart and is never shown."""

    label: str
    qualifier: str = ""

    @property
    def local_name(self) -> str:
        """What follows the base in the entity's IRI, safe as a Turtle local name."""
        return percent_encode(f"{self.label} ({self.qualifier})" if self.qualifier else self.label)

    @classmethod
    def parse(cls, name: str) -> Entity:
        """Read `Georgia` or `Georgia | country`."""
        label, _, qualifier = name.partition(" | ")
        return cls(label.strip(), qualifier.strip())


class Literal(NamedTuple):
    """A value: a year, a code, a number."""

    label: str

    @property
    def turtle(self) -> str:
        is_integer = re.fullmatch(r"0|-?[1-9][0-9]*", self.label)
        return self.label if is_integer else turtle_string(self.label)


class Fact(NamedTuple):
    """One triple."""

    head: Entity
    relation: str
    tail: Entity | Literal


@dataclass
class Atlas:
    """Everything that the tables say, with two indexes to walk it by; complete before it is asked."""

    kinds: dict[Entity, set[str]] = field(default_factory=lambda: defaultdict(set))
    aliases: dict[Entity, list[str]] = field(default_factory=lambda: defaultdict(list))
    with_article: set[Entity] = field(default_factory=set)
    symmetric: set[str] = field(default_factory=set)
    origins: dict[Fact, str] = field(default_factory=dict)
    outgoing: dict[tuple[Entity | Literal, str], list[Fact]] = field(
        default_factory=lambda: defaultdict(list)
    )
    incoming: dict[tuple[Entity | Literal, str], list[Fact]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, fact: Fact, origin: str) -> None:
        """Add a fact, and where it was read."""
        self.origins[fact] = origin
        self.outgoing[fact.head, fact.relation].append(fact)
        self.incoming[fact.tail, fact.relation].append(fact)

    @cached_property
    def relations(self) -> list[str]:
        return sorted({fact.relation for fact in self.origins})

    @cached_property
    def shared_labels(self) -> set[str]:
        """The labels that several entities have."""
        counts = Counter(entity.label for entity in self.kinds)
        return {label for label, count in counts.items() if count > 1}


# ---------------------------------------------------------------------------------------------------------
# Reading tables


class Row(NamedTuple):
    """One line of a table by column title; `origin` is its file and line."""

    origin: str
    cells: dict[str, str]

    def text(self, title: str) -> str:
        """The cell as it stands; raises `AtlasError` if it is empty or the column is missing."""
        if not self.cells.get(title):
            raise AtlasError(f"{self.origin}: nothing in the column {title!r}")
        return self.cells[title]

    def values(self, title: str) -> list[str]:
        """The cell's values; empty if the cell or the column is missing."""
        return [value.strip() for value in self.cells.get(title, "").split(";") if value.strip()]


@dataclass(frozen=True)
class Table:
    """A tab-separated file: `# key: value` comments, a header, rows."""

    path: Path
    comments: list[tuple[str, str]]
    header: list[str]
    rows: list[Row]

    @property
    def relation_titles(self) -> list[str]:
        """The columns that hold facts."""
        return [title for title in self.header if title not in ("label", "aliases", "article", "also")]

    def comment_values(self, key: str) -> list[str]:
        """All values of the comments with this key."""
        texts = [text for comment, text in self.comments if comment == key]
        return [value.strip() for text in texts for value in text.split(";") if value.strip()]

    @property
    def kind(self) -> str:
        """The class of the entities that the rows are about."""
        kinds = self.comment_values("kind")
        if len(kinds) != 1:
            raise AtlasError(f"{self.path}: one `# kind: Name` line is needed, {len(kinds)} found")
        return kinds[0]

    @property
    def column_kinds(self) -> dict[str, set[str]]:
        """The class of entities that are named in a column and have no row anywhere."""
        assignments = [value.partition("=") for value in self.comment_values("column-kind")]
        return {title.strip(): {kind.strip()} for title, _, kind in assignments}


def read_table(path: Path) -> Table:
    """Read one table; rows may leave out empty cells at their end."""
    comments: list[tuple[str, str]] = []
    header: list[str] = []
    rows: list[Row] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        origin = f"{path}:{number}"
        if not line.strip():
            continue
        if not header and line.startswith("#"):
            key, _, text = line[1:].partition(":")
            comments.append((key.strip(), text.strip()))
        elif not header:
            header = [title.strip() for title in line.split("\t")]
        else:
            rows.append(Row(origin, cells_of(line, header, origin)))
    repeated = [title for title, count in Counter(header).items() if count > 1]
    if repeated or not header:
        raise AtlasError(f"{path}: a header with different titles is needed, received {header}")
    return Table(path, comments, header, rows)


def cells_of(line: str, header: list[str], origin: str) -> dict[str, str]:
    """Split a line into cells by column title."""
    cells = [unicodedata.normalize("NFC", cell.strip()) for cell in line.split("\t")]
    if len(cells) > len(header):
        raise AtlasError(f"{origin}: {len(cells)} cells for {len(header)} columns")
    return dict(zip(header, cells, strict=False))


def read_tables(folder: Path) -> list[Table]:
    """All tables of a folder, by file name."""
    return [read_table(path) for path in sorted(folder.glob("*.tsv"))]


# ---------------------------------------------------------------------------------------------------------
# From tables to the graph


def build_atlas(tables: list[Table]) -> Atlas:
    """Join the tables into one graph; raises `AtlasError` with every contradiction found."""
    atlas = Atlas()
    errors = [*read_entities(tables, atlas), *read_facts(tables, atlas)]
    errors += relations_of_two_sorts(tables)
    errors += one_sided_facts(atlas)
    if errors:
        raise AtlasError("\n".join(errors))
    return atlas


def read_entities(tables: list[Table], atlas: Atlas) -> Iterator[str]:
    """Enter every row's entity with its kinds and aliases; yields what is wrong."""
    for table in tables:
        seen: set[Entity] = set()
        for row in table.rows:
            entity = Entity.parse(row.text("label"))
            kinds = {table.kind, *row.values("also")}
            if entity in seen:
                yield f"{row.origin}: second row for {entity.label!r} in this table"
            if entity in atlas.kinds and not atlas.kinds[entity] & kinds:
                yield (
                    f"{row.origin}: {entity.label!r} is a {table.kind} here and a "
                    f"{', '.join(sorted(atlas.kinds[entity]))} elsewhere: write `Name | kind` if these are "
                    "two entities, name the other kind in a column `also` if they are one"
                )
            seen.add(entity)
            atlas.kinds[entity] |= kinds
            known = {entity.label, *atlas.aliases[entity]}
            atlas.aliases[entity] += [alias for alias in row.values("aliases") if alias not in known]
            if row.values("article"):
                atlas.with_article.add(entity)


def read_facts(tables: list[Table], atlas: Atlas) -> Iterator[str]:
    """Enter every cell's facts, and the entities that only cells name; yields what is wrong."""
    with_row = frozenset(atlas.kinds)
    for table in tables:
        atlas.symmetric.update(table.comment_values("symmetric"))
        column_kinds = table.column_kinds
        unknown = sorted(column_kinds.keys() - set(table.relation_titles))
        yield from (f"{table.path}: column-kind of {title!r}, which is no column" for title in unknown)
        for row, title in product(table.rows, table.relation_titles):
            for fact in facts_of(row, title):
                if isinstance(fact.tail, Entity) and fact.tail not in with_row:
                    yield from ambiguous_reference(fact.tail, row, with_row)
                    atlas.kinds[fact.tail] |= column_kinds.get(title, set())
                if fact.tail == fact.head:
                    yield f"{row.origin}: {fact.head.label!r} is related to itself by {title!r}"
                if fact in atlas.origins:
                    yield f"{row.origin}: {title} {fact.tail.label!r} was said at {atlas.origins[fact]}"
                else:
                    atlas.add(fact, row.origin)


def facts_of(row: Row, title: str) -> Iterator[Fact]:
    """The facts in one cell; a title that ends in ` #` announces literals."""
    head = Entity.parse(row.text("label"))
    relation = title.removesuffix(" #")
    for value in row.values(title):
        yield Fact(head, relation, Literal(value) if title.endswith(" #") else Entity.parse(value))


def ambiguous_reference(entity: Entity, row: Row, with_row: frozenset[Entity]) -> Iterator[str]:
    """Yields an error for a plain name where the tables know only qualified ones."""
    if not entity.qualifier:
        qualifiers = sorted(other.qualifier for other in with_row if other.label == entity.label)
        if qualifiers:
            choices = " or ".join(f"`{entity.label} | {qualifier}`" for qualifier in qualifiers)
            yield f"{row.origin}: {entity.label!r} is ambiguous: write {choices}"


def relations_of_two_sorts(tables: list[Table]) -> list[str]:
    """Relations whose values are literals in one table and entities in another."""
    titles = {title: table.path for table in tables for title in table.header}
    return [
        f"{path}: the values of {title!r} are entities here and literals in {titles[f'{title} #']}"
        for title, path in sorted(titles.items())
        if f"{title} #" in titles
    ]


def one_sided_facts(atlas: Atlas) -> list[str]:
    """Facts of symmetric relations that lack their mirror image."""
    return [
        f"{origin}: {fact.head.label!r} {fact.relation} {fact.tail.label!r}, but not the other way round"
        for fact, origin in atlas.origins.items()
        if fact.relation in atlas.symmetric and not mirrored(fact, atlas)
    ]


def mirrored(fact: Fact, atlas: Atlas) -> bool:
    """Whether the graph says the fact the other way round as well."""
    return isinstance(fact.tail, Entity) and Fact(fact.tail, fact.relation, fact.head) in atlas.origins


def spelling_notes(atlas: Atlas) -> list[str]:
    """Entities that may be one entity spelled in two ways, for a person to look at."""
    by_spelling = defaultdict(set)
    for entity in atlas.kinds:
        by_spelling[plain_spelling(entity.label)].add(entity.label)
    alias_of = {alias: entity.label for entity, aliases in sorted(atlas.aliases.items()) for alias in aliases}
    notes = [
        f"spelled alike: {', '.join(sorted(labels))}" for labels in by_spelling.values() if len(labels) > 1
    ]
    without_row = {entity.label for entity in atlas.kinds if entity not in atlas.aliases}
    notes += [
        f"{label!r} is an entity without a row, and an alias of {alias_of[label]!r}"
        for label in without_row & alias_of.keys()
    ]
    return sorted(notes)


def plain_spelling(label: str) -> str:
    """The label without case, accents, punctuation and article."""
    decomposed = unicodedata.normalize("NFKD", label.casefold())
    letters = "".join(character for character in decomposed if character.isalnum() or character == " ")
    return letters.removeprefix("the ").replace(" ", "")


# ---------------------------------------------------------------------------------------------------------
# Writing Turtle

PREFIXES = {
    "": BASE_IRI,
    "kind": f"{BASE_IRI}kind/",
    "relation": f"{BASE_IRI}relation/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def percent_encode(name: str) -> str:
    """The name as the local part of a prefixed name: ASCII letters, digits, `_`, `-` and percent escapes."""
    return quote(name.replace(" ", "_"), safe="").replace(".", "%2E").replace("~", "%7E")


def turtle_string(text: str) -> str:
    """The text as a quoted Turtle string; JSON's escapes are Turtle's."""
    return json.dumps(text, ensure_ascii=False)


def turtle_block(subject: str, properties: Iterable[tuple[str, list[str]]]) -> str:
    """One subject with its properties, one property a line."""
    lines = [f"{name} {' , '.join(objects)}" for name, objects in properties if objects]
    return f"{subject} " + " ;\n    ".join(lines) + " .\n"


def turtle(atlas: Atlas) -> str:
    """The whole graph as Turtle: prefixes, kinds, relations, then one block per entity, by name."""
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    kinds = sorted({kind for kinds in atlas.kinds.values() for kind in kinds})
    blocks = [prefixes]
    blocks += [schema_block("kind", kind, "rdfs:Class") for kind in kinds]
    blocks += [schema_block("relation", relation, "rdf:Property") for relation in atlas.relations]
    blocks += [entity_block(atlas, entity) for entity in sorted(atlas.kinds)]
    return "\n".join(blocks)


def schema_block(prefix: str, label: str, kind: str) -> str:
    """The block of a class or a relation."""
    properties = [("a", [kind]), ("rdfs:label", [turtle_string(label) + "@en"])]
    return turtle_block(f"{prefix}:{percent_encode(label)}", properties)


def entity_block(atlas: Atlas, entity: Entity) -> str:
    """The block of an entity: kinds, label, aliases, then its facts by relation."""
    properties = [
        ("a", [f"kind:{percent_encode(kind)}" for kind in sorted(atlas.kinds[entity])]),
        ("rdfs:label", [turtle_string(entity.label) + "@en"]),
        ("skos:altLabel", [turtle_string(alias) for alias in atlas.aliases.get(entity, [])]),
    ]
    for relation in atlas.relations:
        facts = sorted(atlas.outgoing.get((entity, relation), []))
        properties.append(
            (f"relation:{percent_encode(relation)}", [turtle_object(fact.tail) for fact in facts])
        )
    return turtle_block(f":{entity.local_name}", properties)


def turtle_object(node: Entity | Literal) -> str:
    """A node where Turtle wants an object."""
    return f":{node.local_name}" if isinstance(node, Entity) else node.turtle


# ---------------------------------------------------------------------------------------------------------
# Questions


class Step(NamedTuple):
    """One step of a relation path, along the relation or, inverse, against it."""

    relation: str
    inverse: bool

    def __str__(self) -> str:
        return f"~{self.relation}" if self.inverse else self.relation


RelationPath = tuple[Step, ...]
GoldPath = tuple[Fact, ...]
AnswerOfChain = dict[GoldPath, Entity | Literal]


class Side(NamedTuple):
    """What a question asks of one of its topics: a relation path, and the topic's kind (empty: any)."""

    path: RelationPath
    kind: str


class Template(NamedTuple):
    """One way to ask for the answers at the end of one path, or where two paths meet."""

    origin: str
    split: str
    sides: tuple[Side, ...]
    text: str

    @property
    def questions(self) -> int:
        """How many questions to make of it; one-hop paths are many, so each gives few."""
        one_hop = len(self.sides) == 1 and len(self.sides[0].path) == 1
        return TOPICS_PER_ONE_HOP_TEMPLATE if one_hop else TOPICS_PER_TEMPLATE


class Mention(NamedTuple):
    """A topic as a template writes it: `{a}` with its article, `{a.name}` without, `{a.lower}` as typed."""

    name: str
    article: str

    def __format__(self, specification: str) -> str:
        return f"{self.article} {self.name}" if self.article else self.name

    @property
    def lower(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Case:
    """Topics, the answers that a template's paths lead to from them, and every way there, by topic."""

    topics: tuple[Entity, ...]
    gold_paths: tuple[tuple[GoldPath, ...], ...]
    answers: frozenset[Entity | Literal]

    @property
    def usable(self) -> bool:
        """Whether the numbers of answers and of ways to them suit a question."""
        return 1 <= len(self.answers) <= MOST_ANSWERS and sum(map(len, self.gold_paths)) <= MOST_GOLD_PATHS


def read_templates(tables: list[Table], atlas: Atlas) -> list[Template]:
    """All templates; raises `AtlasError` on an unknown relation or split and on a path in two splits."""
    templates = [template_of(row) for table in tables for row in table.rows]
    relations = set(atlas.relations)
    split_of: dict[tuple[RelationPath, ...], str] = {}
    errors = []
    for template in templates:
        paths = tuple(side.path for side in template.sides)
        unknown = {step.relation for path in paths for step in path} - relations
        if unknown:
            errors.append(f"{template.origin}: no fact has the relation {', '.join(sorted(unknown))}")
        if split_of.setdefault(paths, template.split) != template.split or template.split not in SPLITS:
            errors.append(
                f"{template.origin}: the split is {template.split!r}; a path has one of {', '.join(SPLITS)}"
            )
    if errors:
        raise AtlasError("\n".join(errors))
    return templates


def untrained_relations(templates: list[Template]) -> list[str]:
    """Relations that questions of another split need and no training question shows."""
    relations: dict[str, set[str]] = {split: set() for split in SPLITS}
    for template in templates:
        relations[template.split].update(step.relation for side in template.sides for step in side.path)
    unseen = (relations["dev"] | relations["test"]) - relations["train"]
    return [f"no training question needs {relation!r}, others do" for relation in sorted(unseen)]


def template_of(row: Row) -> Template:
    """Read a row with the columns path, split, template and perhaps kind."""
    paths = [path_of(text) for text in row.text("path").split(" & ")]
    kinds = row.cells.get("kind", "").split("&")
    if len(kinds) == 1:
        kinds = kinds * len(paths)
    names = re.findall(r"\{(\w)[.}]", row.text("template"))
    if sorted(names) != ["a", "b"][: len(paths)] or len(kinds) != len(paths):
        raise AtlasError(
            f"{row.origin}: {len(paths)} topics in the path, {names} in the template, {kinds} as kinds"
        )
    sides = tuple(Side(path, kind.strip()) for path, kind in zip(paths, kinds, strict=True))
    return Template(row.origin, row.text("split"), sides, row.text("template"))


def path_of(text: str) -> RelationPath:
    """Read `~capital / official language`."""
    steps = [step.strip() for step in text.split(" / ")]
    return tuple(Step(step.removeprefix("~"), step.startswith("~")) for step in steps)


def gold_paths(atlas: Atlas, topic: Entity, path: RelationPath) -> Iterator[GoldPath]:
    """Every chain of facts along the path from the topic that does not come back to the topic."""

    def walk(node: Entity | Literal, depth: int) -> Iterator[GoldPath]:
        if depth == len(path):
            yield ()
            return
        step = path[depth]
        index = atlas.incoming if step.inverse else atlas.outgoing
        for fact in sorted(index.get((node, step.relation), [])):
            following = fact.head if step.inverse else fact.tail
            if following != topic:
                yield from ((fact, *rest) for rest in walk(following, depth + 1))

    return walk(topic, 0)


def end_of(gold_path: GoldPath, path: RelationPath) -> Entity | Literal:
    """The answer that a chain along the path leads to."""
    return gold_path[-1].head if path[-1].inverse else gold_path[-1].tail


def topics_for(atlas: Atlas, side: Side) -> list[Entity]:
    """The entities of the side's kind whose label no other entity has, by name."""
    candidates = {entity for entity, kinds in atlas.kinds.items() if not side.kind or side.kind in kinds}
    return sorted(entity for entity in candidates if entity.label not in atlas.shared_labels)


def chains_from(atlas: Atlas, topic: Entity, path: RelationPath) -> AnswerOfChain:
    """Every chain along the path from the topic; empty if they are too many to list."""
    chains = list(islice(gold_paths(atlas, topic, path), MOST_CHAINS_SEARCHED + 1))
    return {} if len(chains) > MOST_CHAINS_SEARCHED else {chain: end_of(chain, path) for chain in chains}


def cases(atlas: Atlas, sides: tuple[Side, ...], generator: random.Random) -> Iterator[Case]:
    """The usable cases of a path or a pair of paths, in random order; no first topic comes twice."""
    seconds = [
        (topic, chains)
        for side in sides[1:]
        for topic in topics_for(atlas, side)
        if (chains := chains_from(atlas, topic, side.path))
    ]
    order = topics_for(atlas, sides[0])
    generator.shuffle(order)
    for topic in order:
        chains = chains_from(atlas, topic, sides[0].path)
        generator.shuffle(seconds)
        candidates = pairs(topic, chains, seconds) if len(sides) == 2 else iter([single(topic, chains)])
        yield from islice((case for case in candidates if case.usable), 1)


def single(topic: Entity, chains: AnswerOfChain) -> Case:
    """The case of one topic."""
    return Case((topic,), (tuple(chains),), frozenset(chains.values()))


def pairs(
    first: Entity, chains: AnswerOfChain, seconds: list[tuple[Entity, AnswerOfChain]]
) -> Iterator[Case]:
    """The cases of the first topic with each second one, where both topics narrow the answers down."""
    of_first = frozenset(chains.values())
    for second, second_chains in seconds:
        of_second = frozenset(second_chains.values())
        answers = of_first & of_second
        if second == first or not answers or answers in (of_first, of_second):
            continue
        both = tuple(
            tuple(chain for chain, answer in side.items() if answer in answers)
            for side in (chains, second_chains)
        )
        if not passes_through(both[0], second) and not passes_through(both[1], first):
            yield Case((first, second), both, answers)


def passes_through(chains: tuple[GoldPath, ...], entity: Entity) -> bool:
    """Whether a fact of a chain is about the entity."""
    return any(entity in (fact.head, fact.tail) for chain in chains for fact in chain)


def question_records(atlas: Atlas, templates: list[Template]) -> dict[str, list[dict[str, object]]]:
    """The questions of every split, numbered, in the order of the templates."""
    supply: dict[tuple[Side, ...], Iterator[Case]] = {}
    records: dict[str, list[dict[str, object]]] = {split: [] for split in SPLITS}
    for template in templates:
        if template.sides not in supply:
            supply[template.sides] = cycle(cases(atlas, template.sides, random.Random(str(template.sides))))
        # Where the topics run short, a template meets the same one again; it then asks only once.
        chosen = dict.fromkeys(islice(supply[template.sides], template.questions))
        if not chosen:
            raise AtlasError(f"{template.origin}: no topic gives 1 to {MOST_ANSWERS} answers")
        for case in chosen:
            split_records = records[template.split]
            identity = f"atlas-{template.split}-{len(split_records) + 1}"
            split_records.append({"id": identity, **question_record(atlas, template, case)})
    return records


def question_record(atlas: Atlas, template: Template, case: Case) -> dict[str, object]:
    """One question as it is written to the file, without its id."""
    mentions = [Mention(topic.label, "the" if topic in atlas.with_article else "") for topic in case.topics]
    paths = [[str(step) for step in side.path] for side in template.sides]
    chains = [chain for side in case.gold_paths for chain in side]
    return {
        "question": template.text.format(**dict(zip("ab", mentions, strict=False))),
        "topic_entities": [topic.label for topic in case.topics],
        "answers": sorted({answer.label for answer in case.answers}),
        **({"gold_relation_path": paths[0]} if len(paths) == 1 else {"gold_relation_paths": paths}),
        "gold_paths": [
            [[fact.head.label, fact.relation, fact.tail.label] for fact in chain] for chain in chains
        ],
        "hops": max(map(len, paths)),
    }


# ---------------------------------------------------------------------------------------------------------
# The command line


def built_files(root: Path) -> tuple[dict[Path, str], list[str]]:
    """What the tables under this root give: text by file, and lines to print about it."""
    atlas = build_atlas(read_tables(root / GRAPH_FOLDER / "source"))
    templates = read_templates(read_tables(root / QUESTION_FOLDER / "source"), atlas)
    records = question_records(atlas, templates)
    files = {root / GRAPH_FOLDER / "atlas.ttl": turtle(atlas)}
    for split in SPLITS:
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records[split]]
        files[root / QUESTION_FOLDER / f"{split}.jsonl"] = "".join(lines)
    notes = [*spelling_notes(atlas), *untrained_relations(templates)]
    return files, [*notes, *graph_counts(atlas), *question_counts(records)]


def graph_counts(atlas: Atlas) -> list[str]:
    """The size of the graph, a line a count."""
    kinds = Counter(kind for kinds in atlas.kinds.values() for kind in kinds)
    return [
        f"facts      {len(atlas.origins)}",
        f"entities   {len(atlas.kinds)}, {sum(not kinds for kinds in atlas.kinds.values())} without a kind",
        f"kinds      {len(kinds)}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()),
        f"relations  {len(atlas.relations)}",
        f"aliases    {sum(map(len, atlas.aliases.values()))}",
    ]


def question_counts(records: dict[str, list[dict[str, object]]]) -> list[str]:
    """The number of questions of every split, by hops and topics."""
    lines = []
    for split, questions in records.items():
        hops = sorted(Counter(question["hops"] for question in questions).items(), key=str)
        by_hops = ", ".join(f"{count} of {number} hops" for number, count in hops)
        two_topics = sum("gold_relation_paths" in question for question in questions)
        lines.append(f"{split:<10} {len(questions)} questions: {by_hops}; {two_topics} with two topics")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Write or check the atlas; the exit status."""
    parser = argparse.ArgumentParser(description="Build the atlas graph and its questions from their tables.")
    parser.add_argument("--check", action="store_true", help="exit 1 if a file is not what the tables give")
    options = parser.parse_args(arguments)
    try:
        files, report = built_files(ROOT)
    except AtlasError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(report))
    changed = [
        path for path, text in files.items() if not path.exists() or path.read_bytes() != text.encode()
    ]
    if options.check:
        for path in changed:
            print(
                f"{path.relative_to(ROOT)} is not what the tables give: run scripts/build_atlas.py",
                file=sys.stderr,
            )
        return 1 if changed else 0
    for path in changed:
        path.write_bytes(files[path].encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
