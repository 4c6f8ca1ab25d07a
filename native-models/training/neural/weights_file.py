"""weights.bin: every number of a model once, in raw little-endian sections. Both ONNX graphs refer to them as external data, and other
runtimes read them by the layout in model.json.

Products have `weight` int8 [inputs, outputs], and float32 `scale` and `offset` [outputs]: powers of two and whole multiples of them.
value = floor(sum(weight * activation) * scale + offset), with activations 0..127. Zero points are folded into the offsets.
"""

import numpy

from model import Shape

ALIGNMENT = 4096
SUM_LIMIT = 1 << 24
WEIGHT_LIMIT = 63

# Units of what a product gives, as powers of two of the real unit (kernels.cpp), less the activations' 2^5.
_FORGET, _CANDIDATE, _OUTPUT, _SQUARE, _RESIDUAL, _LOGIT = 3, 6, 1, 1, 0, 1


def sections(net):
    """name -> array of every section, in the order of the file."""
    shape = net.shape
    entries = {"table": _table(net.table)}
    entries |= _product("entry", net.entry, [_RESIDUAL] * shape.width, shape.orders * shape.row_width, offset=64)
    for i, (block, (recurrent, squares)) in enumerate(zip(net.blocks, shape.blocks)):
        units = [_FORGET] * recurrent + [_CANDIDATE] * recurrent + [_OUTPUT] * recurrent + [_SQUARE] * squares
        entries |= _product(f"block{i}.inner", block.inner, units, shape.width)
        lowest = block.lowest.numpy()
        ones = numpy.ones(recurrent)
        entries[f"block{i}.low"] = _row([lowest, -2048 * ones, -127 * ones, numpy.zeros(squares)])
        entries[f"block{i}.high"] = _row([255 * ones, 2047 * ones, 127 * ones, numpy.full(squares, 180)])
        entries[f"block{i}.unit"] = _row([ones / 256, 16 * ones, ones / 65536, numpy.full(squares, 1 / 16)])
        entries[f"block{i}.zero"] = _row([64 * ones, numpy.zeros(squares)])
        entries |= _product(f"block{i}.outer", block.outer, [_RESIDUAL] * shape.width, recurrent)
    entries |= _product("head", net.head, [_LOGIT] * 256, shape.width)
    return entries


def _row(parts):
    return numpy.concatenate(parts).astype(numpy.float32)


def _table(table):
    return (numpy.clip(numpy.floor(table.numpy() * 32 + 0.5), -64, 63) + 64).astype(numpy.uint8)


def _product(name, product, units, signed, offset=0):
    """The first `signed` inputs have zero point 64. `offset` is added to what comes out."""
    weight, bias, exponent = (part.double().numpy() for part in product.whole())
    whole = weight * 2.0 ** exponent[:, None]
    sums = bias * 2.0**exponent * 32 - 64 * whole[:, :signed].sum(axis=1)
    scale = 2.0 ** (numpy.array(units) - exponent)
    sums = sums + offset / scale
    assert (whole == numpy.round(whole)).all() and abs(whole).max() <= WEIGHT_LIMIT and (sums == numpy.round(sums)).all()
    return {
        f"{name}.weight": numpy.ascontiguousarray(whole.T.astype(numpy.int8)),
        f"{name}.scale": scale.astype(numpy.float32),
        f"{name}.offset": (sums * scale).astype(numpy.float32),
    }


def check_sums(entries):
    """Fails unless every sum of products, in any order and with its bias, is below 2^24. -> the largest possible sum."""
    largest = 0
    for name in entries:
        if not name.endswith(".weight"):
            continue
        bound = _largest_sums(entries, name)
        largest = max(largest, int(bound.max()))
        if bound.max() >= SUM_LIMIT:
            raise ValueError(f"{name}: a sum of products may reach {bound.max():.0f}, 2^24 or more")
    residual = residual_bound(entries)
    if residual >= SUM_LIMIT:
        raise ValueError(f"the residual stream may reach {residual:.0f}, 2^24 or more")
    return largest


def _largest_sums(entries, name):
    """Of a product, by output, in units of its sums; a sum and its offset may be added in any order."""
    scale, offset = (entries[name.replace(".weight", part)].astype(numpy.float64) for part in (".scale", ".offset"))
    sums = offset / scale
    assert (sums == numpy.round(sums)).all()
    return 127 * abs(entries[name].astype(numpy.int64)).sum(axis=0) + abs(sums)


def residual_bound(entries):
    total = 0.0
    for name in entries:
        if name == "entry.weight" or name.endswith(".outer.weight"):
            total = total + numpy.ceil(_largest_sums(entries, name) * entries[name.replace(".weight", ".scale")]) + 1
    return float(total.max())


def write(path, entries):
    """-> the layout: name, type, shape and offset of each section."""
    layout, at = [], 0
    with open(path, "wb") as file:
        for name, array in entries.items():
            alignment = ALIGNMENT if array.nbytes >= ALIGNMENT else 64
            at = -(-at // alignment) * alignment
            file.seek(at)
            file.write(array.astype(array.dtype.newbyteorder("<")).tobytes())
            layout.append({"name": name, "type": str(array.dtype), "shape": list(array.shape), "offset": at})
            at += array.nbytes
    return layout


def read(path, layout):
    data = path.read_bytes()
    entries = {}
    for part in layout:
        count = int(numpy.prod(part["shape"]))
        array = numpy.frombuffer(data, numpy.dtype(part["type"]).newbyteorder("<"), count, part["offset"])
        entries[part["name"]] = array.reshape(part["shape"])
    return entries


def shape_of(model):
    return Shape.from_json(model["shape"])
