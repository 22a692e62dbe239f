"""The way of the data, from a schema to a package of models; `run.py` is all of it on one page.

==================  =============================================  ==================================================
step                what it takes and gives                        what it decides
==================  =============================================  ==================================================
``step1_read``      .proto files to descriptors, contract to data  nothing
``step2_bind``      both to the IR (``ir.py``, frozen)             everything
``step3_render``    the IR to laid-out text                        layout, never meaning
``step4_write``     text to files                                  which files changed
==================  =============================================  ==================================================

A step imports from those before it, never from one after it.
"""
