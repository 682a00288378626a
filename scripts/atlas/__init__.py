"""The builders of the atlas: tables in, a graph and questions out.

`tables` are read into `facts` of the `graph`, with those of `values` checked, which `turtle` writes.
`templates` are filled with `cases` from the graph to make `questions`. `files` are all that is built,
`report` is what to tell about it. All of these need the standard library only.

`operator_templates` are filled by themselves, turned into SPARQL by `operator_queries`, and answered by
pyoxigraph on the finished graph in `operator_records`.
"""
