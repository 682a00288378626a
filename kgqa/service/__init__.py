"""What can be asked of graphs that are held open: the operations of the server and of agents."""

from kgqa.service.answer_text import AnswerText, markdown_escaped
from kgqa.service.claim_check import check_objects
from kgqa.service.follow_up import Reference, Subjects, TopicIds, best_reading, reference_of
from kgqa.service.graph_catalogue import GraphCatalogue, graph_sources
from kgqa.service.graph_comparison import GraphComparison
from kgqa.service.graph_schema import ClassSize, GraphSchema, RelationSize, graph_schema
from kgqa.service.hosted_graph import HostedGraph
from kgqa.service.hosted_run import HostedRun
from kgqa.service.name_completion import FoundName, complete_name
from kgqa.service.name_search import find_names
from kgqa.service.neighbours import Direction, Neighbour, Neighbours, RelationGroup, neighbours
from kgqa.service.question_queue import QuestionQueue
from kgqa.service.reply import Reply
from kgqa.service.run_catalogue import RunCatalogue
from kgqa.service.shown_error import SHOWN, shown_message

__all__ = [
    "SHOWN",
    "AnswerText",
    "ClassSize",
    "Direction",
    "FoundName",
    "GraphCatalogue",
    "GraphComparison",
    "GraphSchema",
    "HostedGraph",
    "HostedRun",
    "Neighbour",
    "Neighbours",
    "QuestionQueue",
    "Reference",
    "RelationGroup",
    "RelationSize",
    "Reply",
    "RunCatalogue",
    "Subjects",
    "TopicIds",
    "best_reading",
    "check_objects",
    "complete_name",
    "find_names",
    "graph_schema",
    "graph_sources",
    "markdown_escaped",
    "neighbours",
    "reference_of",
    "shown_message",
]
