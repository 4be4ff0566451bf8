"""Deep networks of equal layers, with and without shortcuts (slides 34, 35)."""

from course_lib.core.module import Module, Sequential
from course_lib.nn.dense import Linear
from course_lib.nn.init import zeros_


class Residual(Module):
    """A shortcut around a module: o = x + scale · F(x) (slide 35).

    The derivative of the sum is 1 + scale · F′, so a gradient passes even where F
    lets nothing through (He, Zhang, Ren & Sun 2016, arXiv:1512.03385). A small scale
    keeps the sum of many blocks from growing.

    >>> from course_lib.core.tensor import Tensor
    >>> Residual(Linear(2, 2), scale=0.0)(Tensor([[3.0, 4.0]]))
    tensor([[3., 4.]], requires_grad=True)
    """

    def __init__(self, inner, scale=1.0):
        super().__init__()
        self.inner, self.scale = inner, scale

    def forward(self, input):
        return input + self.scale * self.inner(input)


def deep_network(
    sizes, depth, activation, *, init=None, shortcuts=False, scale=1.0
):
    """Linear, then depth − 1 times an activation and Linear.

    ``sizes`` are the numbers of inputs, of units in each hidden layer, and of outputs.
    With ``init``, for instance ``kaiming_normal_``, weights are drawn anew and biases
    are 0. Shortcuts go around each pair of activation and Linear between hidden layers.

    >>> from course_lib.nn.dense import ReLU
    >>> deep_network((64, 32, 10), 3, ReLU, shortcuts=True)
    Sequential(
      (0): Linear(64, 32, bias=True)
      (1): Residual(
        (inner): Sequential(
          (0): ReLU()
          (1): Linear(32, 32, bias=True)
        )
      )
      (2): ReLU()
      (3): Linear(32, 10, bias=True)
    )
    """
    assert depth >= 2, f"at least two layers, not {depth}"
    inputs, width, outputs = sizes
    modules = [Linear(inputs, width)]
    for _ in range(depth - 2):
        pair = activation(), Linear(width, width)
        modules += [Residual(Sequential(*pair), scale)] if shortcuts else pair
    modules += [activation(), Linear(width, outputs)]
    network = Sequential(*modules)
    if init:
        for p in network.parameters():
            if p.ndim == 2:
                init(p)
            else:
                zeros_(p)
    return network
