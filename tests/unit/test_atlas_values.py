"""The numbers and dates of the atlas: typed, complete where promised, plausible where comparable."""

from __future__ import annotations

import math
import runpy
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

REPOSITORY = Path(__file__).parents[2]
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = """
PREFIX : <https://kgqa.example/atlas/>
PREFIX k: <https://kgqa.example/atlas/kind/>
PREFIX r: <https://kgqa.example/atlas/relation/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""

main = runpy.run_path(str(REPOSITORY / "scripts" / "build_atlas.py"))["main"]


@pytest.fixture(scope="module")
def atlas() -> Store:
    store = Store()
    store.load(path=REPOSITORY / "graphs/atlas/atlas.ttl", format=RdfFormat.TURTLE)
    return store


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """The solutions of a query, as texts."""
    found = store.query(PREFIXES + query)
    assert isinstance(found, QuerySolutions)
    return [tuple(str(getattr(value, "value", "")) for value in solution) for solution in found]


def values(store: Store, kind: str, relation: str) -> dict[str, float]:
    """The values of a relation of all entities of a kind, by label; each entity has at most one."""
    found = rows(
        store, f"SELECT ?x ?label ?value {{ ?x a k:{kind} ; rdfs:label ?label ; r:{relation} ?value }}"
    )
    assert len({entity for entity, _, _ in found}) == len(found)
    return {label: float(value) for _, label, value in found}


def largest(store: Store, kind: str, relation: str, count: int) -> list[str]:
    """The labels of the entities with the largest values, largest first."""
    found = values(store, kind, relation)
    return sorted(found, key=lambda label: -found[label])[:count]


def countries(store: Store) -> set[str]:
    """The countries of today: those with a continent."""
    query = "SELECT ?l { ?x a k:Country ; r:continent ?c ; rdfs:label ?l }"
    return {label for (label,) in rows(store, query)}


# Types and units ---------------------------------------------------------------------------------

MEASURED = (
    "population",
    "area",
    "length",
    "depth",
    "height",
    "diameter",
    "elevation_in_metres",
    "atomic_mass",
    "distance_from_the_sun",
    "orbital_period",
    "birth_year",
    "death_year",
    "release_year",
    "publication_year",
)


@pytest.mark.parametrize("relation", MEASURED)
def test_every_value_of_a_measured_relation_is_a_typed_number(atlas: Store, relation: str) -> None:
    node = NamedNode(f"https://kgqa.example/atlas/relation/{relation}")
    found = [quad.object for quad in atlas.quads_for_pattern(None, node, None)]
    assert found
    assert all(isinstance(value, Literal) for value in found)
    types = {value.datatype.value for value in found if isinstance(value, Literal)}
    assert types <= {f"{XSD}integer", f"{XSD}decimal"}


@pytest.mark.parametrize("relation", ["date_of_birth", "date"])
def test_every_date_is_a_typed_date_in_the_year_that_the_atlas_has_for_it(
    atlas: Store, relation: str
) -> None:
    year = "r:birth_year" if relation == "date_of_birth" else "r:year"
    found = rows(atlas, f"SELECT ?d (DATATYPE(?d) AS ?t) ?y {{ ?x r:{relation} ?d ; {year} ?y }}")
    assert len(found) >= 30
    assert all(date[:4] == year and datatype == f"{XSD}date" for date, datatype, year in found)


def test_the_unit_of_every_new_measure_is_in_its_comment_or_its_name(atlas: Store) -> None:
    found = rows(atlas, "SELECT ?l ?c { ?r rdfs:label ?l ; rdfs:comment ?c }")
    comments = {found_relation: comment.casefold() for found_relation, comment in found}
    units = {
        "population": "inhabitants",
        "area": "square kilometres",
        "length": "kilometres",
        "depth": "metres",
        "height": "metres",
        "diameter": "kilometres",
        "atomic mass": "daltons",
        "distance from the sun": "millions of kilometres",
        "orbital period": "days",
    }
    assert {relation for relation, unit in units.items() if unit not in comments.get(relation, "")} == set()


# Countries and states ----------------------------------------------------------------------------


def test_every_country_has_a_population_and_an_area(atlas: Store) -> None:
    everyone = countries(atlas)
    assert len(everyone) == 197
    for relation in ("population", "area"):
        assert everyone - values(atlas, "Country", relation).keys() == set(), relation


def test_every_density_of_population_is_one_that_is_found_on_earth(atlas: Store) -> None:
    population, area = (values(atlas, "Country", relation) for relation in ("population", "area"))
    density = {label: population[label] / area[label] for label in population}
    assert min(density, key=lambda label: density[label]) == "Mongolia"
    assert max(density, key=lambda label: density[label]) == "Monaco"
    assert min(density.values()) > 2
    assert {label for label, found in density.items() if found > 1_500} == {
        "Monaco", "Singapore", "Bahrain", "Maldives", "Malta",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("continent", "people", "land"),
    [
        ("Africa", 1.48e9, 29.7e6),
        ("Asia", 4.93e9, 47.6e6),  # all of Russia and Turkey is counted here and in Europe
        ("Europe", 0.83e9, 23.8e6),
        ("North_America", 0.61e9, 22.0e6),
        ("South_America", 0.437e9, 17.5e6),
        ("Oceania", 0.045e9, 8.5e6),
    ],
)
def test_the_sums_by_continent_are_near_the_known_totals(
    atlas: Store, continent: str, people: float, land: float
) -> None:
    query = (
        "SELECT (SUM(?p) AS ?people) (SUM(?a) AS ?land) "
        f"{{ ?x a k:Country ; r:continent :{continent} ; r:population ?p ; r:area ?a }}"
    )
    ((found_people, found_land),) = rows(atlas, query)
    assert float(found_people) == pytest.approx(people, rel=0.03)
    assert float(found_land) == pytest.approx(land, rel=0.03)


def test_the_world_has_eight_billion_people(atlas: Store) -> None:
    assert sum(values(atlas, "Country", "population").values()) == pytest.approx(8.03e9, rel=0.02)


def test_the_states_of_the_us_add_up_to_the_census_and_to_the_country(atlas: Store) -> None:
    population, area = (values(atlas, "US_state", relation) for relation in ("population", "area"))
    assert len(population) == len(area) == 50
    assert sum(population.values()) == 331_449_281 - 689_545  # without the District of Columbia
    assert sum(area.values()) == pytest.approx(9_833_340, rel=0.001)


def test_no_city_has_more_people_than_its_country_or_its_state(atlas: Store) -> None:
    query = """SELECT ?city ?p ?whole { ?x a k:City ; rdfs:label ?city ; r:population ?p ;
        r:located_in_country|r:city_in_state ?y . ?y r:population ?whole }"""
    found = rows(atlas, query)
    assert len(found) > 200
    assert {city for city, people, whole in found if float(people) > float(whole)} == set()


# The largest are those that everybody knows ------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "relation", "known"),
    [
        ("Country", "population", "India China United_States Indonesia Pakistan Nigeria Brazil Bangladesh"),
        ("Country", "area", "Russia Canada United_States China Brazil Australia India Argentina"),
        ("US_state", "population", "California Texas Florida New_York Pennsylvania Illinois"),
        ("US_state", "area", "Alaska Texas California Montana"),
        ("City", "population", "Shanghai Beijing Chengdu Guangzhou Shenzhen Istanbul Tokyo"),
        ("River", "length", "Nile Amazon_River Yangtze Yellow_River Paraná_River"),
        ("Mountain", "elevation_in_metres", "Mount_Everest K2 Kangchenjunga Lhotse Makalu Cho_Oyu"),
        ("Lake", "area", "Caspian_Sea Lake_Superior Lake_Victoria Lake_Huron Lake_Michigan Lake_Tanganyika"),
        ("Lake", "depth", "Lake_Baikal Lake_Tanganyika Caspian_Sea Lake_Malawi Issyk-Kul"),
        ("Island", "area", "Greenland New_Guinea Borneo Baffin_Island Sumatra Honshu Great_Britain"),
        ("Desert", "area", "Sahara Arabian_Desert Gobi_Desert"),
        ("Continent", "area", "Asia Africa North_America South_America Europe Oceania"),
        ("Waterfall", "height", "Angel_Falls Tugela_Falls Yosemite_Falls"),
        ("Landmark", "height", "Burj_Khalifa Tokyo_Skytree Shanghai_Tower CN_Tower"),
        ("Ocean", "depth", "Pacific_Ocean Atlantic_Ocean Southern_Ocean Indian_Ocean Arctic_Ocean"),
        ("Moon", "diameter", "Ganymede Titan Callisto Io Moon Europa Triton"),
        ("Planet", "diameter", "Jupiter Saturn Uranus Neptune Earth Venus Mars Mercury"),
    ],
)  # fmt: skip
def test_the_largest_of_a_kind_are_the_well_known_ones(
    atlas: Store, kind: str, relation: str, known: str
) -> None:
    expected = [name.replace("_", " ") for name in known.split()]
    assert largest(atlas, kind, relation, len(expected)) == expected


def test_the_smallest_countries_are_the_well_known_ones(atlas: Store) -> None:
    area = values(atlas, "Country", "area")
    assert sorted(area, key=lambda label: area[label])[:6] == [
        "Vatican City", "Monaco", "Nauru", "Tuvalu", "San Marino", "Liechtenstein",
    ]  # fmt: skip


# How much is known -------------------------------------------------------------------------------


def test_at_least_150_rivers_have_a_length_and_most_lakes_and_islands_an_area(atlas: Store) -> None:
    assert len(values(atlas, "River", "length")) >= 150
    assert len(values(atlas, "Lake", "area")) >= 55
    assert len(values(atlas, "Island", "area")) >= 90
    assert len(values(atlas, "City", "population")) >= 200


def test_every_mountain_that_lies_somewhere_has_an_elevation_but_halti(atlas: Store) -> None:
    # The summit of Halti is in Norway (1365 m), its highest point in Finland is 1324 m: sources mean either.
    query = "SELECT ?l { ?x a k:Mountain ; r:rises_in_country ?c ; rdfs:label ?l }"
    somewhere = {label for (label,) in rows(atlas, query)}
    found = rows(atlas, "SELECT ?l ?e { ?x a k:Mountain ; rdfs:label ?l ; r:elevation_in_metres ?e }")
    assert somewhere - {label for label, _ in found} == {"Halti"}


def test_no_mountain_of_a_country_is_higher_than_its_highest_point(atlas: Store) -> None:
    query = """SELECT ?l { ?c r:highest_point ?top . ?top r:elevation_in_metres ?highest .
        ?x r:rises_in_country ?c ; r:elevation_in_metres ?e ; rdfs:label ?l FILTER(?e > ?highest) }"""
    assert rows(atlas, query) == [("Gunnbjørn Fjeld",)]  # in Greenland, not in Denmark itself


# Laws of nature and of life ----------------------------------------------------------------------


def test_the_planets_obey_the_third_law_of_kepler(atlas: Store) -> None:
    distance = values(atlas, "Planet", "distance_from_the_sun")
    period = values(atlas, "Planet", "orbital_period")
    assert len(distance) == len(period) == 8
    for planet, days in period.items():
        assert (distance[planet] / 149.6) ** 1.5 * 365.25 == pytest.approx(days, rel=0.01), planet


def test_atoms_are_the_heavier_the_higher_their_number_but_for_four_known_pairs(atlas: Store) -> None:
    query = "SELECT ?l ?n ?m { ?x r:atomic_number ?n ; r:atomic_mass ?m ; rdfs:label ?l } ORDER BY ?n"
    found = rows(atlas, query)
    assert len(found) == 84
    inversions = {a[0] for a, b in pairwise(found) if float(a[2]) > float(b[2])}
    assert inversions == {"Argon", "Cobalt", "Tellurium", "Thorium"}
    assert all(1.9 < float(mass) / int(number) < 2.7 for _, number, mass in found[1:])


def test_nobody_dies_before_birth_or_lives_longer_than_anybody_did(atlas: Store) -> None:
    found = rows(atlas, "SELECT ?x ?born ?died { ?x r:birth_year ?born ; r:death_year ?died }")
    ages = {x: int(died) - int(born) for x, born, died in found}
    assert len(ages) > 500
    assert {x: age for x, age in ages.items() if not 15 <= age <= 111} == {}


def test_no_work_is_older_than_its_maker_or_two_centuries_younger(atlas: Store) -> None:
    query = """SELECT ?l ?made ?born { ?x rdfs:label ?l .
        { ?x r:author ?p ; r:publication_year ?made } UNION { ?x r:director ?p ; r:release_year ?made }
        ?p r:birth_year ?born }"""
    found = rows(atlas, query)
    assert len(found) > 300
    assert {work for work, made, born in found if not 8 <= int(made) - int(born) <= 200} == set()


def test_every_value_is_a_finite_number_and_all_but_years_are_positive(atlas: Store) -> None:
    signs: Counter[str] = Counter()
    for relation in MEASURED:
        for (value,) in rows(atlas, f"SELECT ?v {{ ?x r:{relation} ?v }}"):
            assert math.isfinite(float(value))
            signs[relation] += float(value) <= 0
    assert {relation for relation, count in signs.items() if count} == {"birth_year", "death_year"}


# Tables of values that are wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Atlantis\t5\t", ":3: no other table has a Country 'Atlantis'"),
        ("Norway\t1814\t", ":3: another table has the founded of 'Norway'"),
        ("Norway\t\tmany", ":3: the population is 'many', needed is one number or date"),
        ("Norway\t\t5; 6", ":3: the population is '5; 6', needed is one number or date"),
        ("Norway\t\t5.", ":3: the population is '5.', needed is one number or date"),
    ],
)
def test_what_is_wrong_with_a_table_of_values_is_said_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, complaint: str
) -> None:
    texts = {
        "graphs/atlas/source/countries.tsv": "# kind: Country\nlabel\tfounded #\nNorway\t1814\n",
        "graphs/atlas/values/countries.tsv": f"# kind: Country\nlabel\tfounded #\tpopulation #\n{line}\n",
        "data/atlas/source/questions.tsv": "path\tsplit\ttemplate\tkind\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert main([], tmp_path) == 1
    table = tmp_path / "graphs/atlas/values/countries.tsv"
    assert capsys.readouterr().err.startswith(f"{table}{complaint}")
