"""Writes training.ckpt: a state dict among objects of many classes, as Python's own pickler writes them.

Needs no PyTorch: its names, and those of the frameworks, are stand-ins of the right module. Run with Python 3.11.
"""

import argparse
import collections
import enum
import functools
import io
import pathlib
import pickle
import struct
import sys
import types
import typing
import zipfile


def named(module, name, thing):
    for i, part in enumerate(module.split(".")):
        path = ".".join(module.split(".")[: i + 1])
        if path not in sys.modules:
            sys.modules[path] = types.ModuleType(path)
    thing.__module__, thing.__qualname__ = module, name
    setattr(sys.modules[module], name, thing)
    return thing


float_storage = named("torch", "FloatStorage", type("FloatStorage", (), {}))
rebuild_tensor = named("torch._utils", "_rebuild_tensor_v2", lambda *_: None)
rebuild_parameter = named("torch._utils", "_rebuild_parameter", lambda *_: None)
rebuild_type = named("torch._tensor", "_rebuild_from_type_v2", lambda *_: None)
DictConfig = named("omegaconf.dictconfig", "DictConfig", type("DictConfig", (), {}))
AttributeDict = named("lightning.fabric.utilities.data", "AttributeDict", type("AttributeDict", (dict,), {}))
ModelCheckpoint = named("lightning.callbacks", "ModelCheckpoint", type("ModelCheckpoint", (), {}))
Stage = named("train.config", "Stage", enum.Enum("Stage", ["FIT"]))
storages = []


class Storage:
    def __init__(self, values):
        self.key, self.size = str(len(storages)), len(values)
        storages.append(struct.pack(f"<{len(values)}f", *values))


class Tensor:
    def __init__(self, *values):
        self.storage = Storage(values)

    def __reduce__(self):
        size = self.storage.size
        return rebuild_tensor, (self.storage, 0, (size,), (1,), False, collections.OrderedDict())


class Parameter(Tensor):
    def __reduce__(self):
        return rebuild_parameter, (Tensor(1.0), True, collections.OrderedDict())


class Subclass(Tensor):
    def __reduce__(self):
        return rebuild_type, (rebuild_tensor, ModelCheckpoint, Tensor.__reduce__(self)[1], {})


class Pickler(pickle.Pickler):
    def persistent_id(self, item):
        return ("storage", float_storage, item.key, "cuda:0", item.size) if isinstance(item, Storage) else None


def config():
    root, inner = DictConfig(), DictConfig()
    inner._parent, inner._content = root, {"lr": 1e-4, "path": pathlib.PurePosixPath("/x")}
    root._parent, root._content, root._type = None, {"model": inner}, typing.Any
    return root


def module():
    it = ModelCheckpoint()
    it.parameters = collections.OrderedDict(w=Parameter(0.0))
    it.names, it.frozen, it.itself = {"a"}, frozenset([1]), it
    it.call, it.raw = functools.partial(print, 1), b"\x00\xff"
    return it


def main(path):
    weights = collections.OrderedDict([("net.w", Tensor(1.0, 2.0)), ("net.b", Tensor(3.0))])
    weights._metadata = collections.OrderedDict({"": {"version": 1}, "net": {"version": 1}})
    hyper = AttributeDict(module=module(), lr=1)
    hyper.extra = 3
    checkpoint = {
        "epoch": 1,
        "hyper_parameters": hyper,
        "config": config(),
        "namespace": argparse.Namespace(a=1, b=collections.defaultdict(list, {"a": [1]})),
        "callbacks": {ModelCheckpoint: {"best": Tensor(4.0)}, Stage.FIT: 1, "EarlyStopping": {"patience": 3}},
        "state_dict": weights,
        "subclasses": {"w": Subclass(5.0)},
        "optimizer_states": [{"state": {0: {"exp_avg": Tensor(6.0)}}, "param_groups": [{"betas": (0.9, 0.95)}]}],
        "lr_schedulers": [{"milestones": collections.Counter([1, 2])}],
    }
    out = io.BytesIO()
    Pickler(out, 2).dump(checkpoint)
    entries = {"data.pkl": out.getvalue()} | {f"data/{i}": data for i, data in enumerate(storages)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(f"training/{name}"), content)


main(sys.argv[1])
