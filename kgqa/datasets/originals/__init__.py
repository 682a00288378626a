"""Questions as the authors of benchmarks publish them.

| set | file | told by |
|---|---|---|
| WebQSP | `WebQSP.train.json` | `QuestionId`, `Parses` |
| ComplexWebQuestions | `ComplexWebQuestions_dev.json` | `ID`, `sparql` or `compositionality_type` |
| GrailQA | `grailqa_v1.0_dev.json` | `qid`, `question`, `answer` with `answer_argument` |
| QALD | `qald_9_plus_test_dbpedia.json` | `question` as texts in several languages |
| ToG's | `cwq.json`, `simpleqa.json`, ... | `topic_entity`, identifiers with names |
| MetaQA | `qa_dev.txt` | `.txt`: topic in brackets, tab, answers with bars between them |

A set that names no topics leaves them to the linker. Aliases of answers become `answer_aliases`.
"""

from kgqa.datasets.originals.forms import original_question
from kgqa.datasets.originals.metaqa import read_metaqa

__all__ = ["original_question", "read_metaqa"]
