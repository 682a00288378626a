"""The builder of the atlas: tables in, a graph and questions out; standard library only.

`tables` are read into `facts` of the `graph`, which `turtle` writes. `templates` are filled with `cases`
from the graph to make `questions`. `files` are all that is built, `report` is what to tell about it.
"""
