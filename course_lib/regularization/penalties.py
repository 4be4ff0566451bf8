"""Penalties on large weights (slide 39): used as ``loss + λ * penalty``."""

import numpy as np


def l2_penalty(parameters):
    """½ Σ w²: half the sum of the squares of all weights (slide 39).

    The ½ is there for the derivative: that of ½ w² is w, without a 2 in front. So
    ``loss + λ * l2_penalty(model.parameters())`` adds λ w to the gradient, as the
    option ``weight_decay=λ`` of `optim.SGD` does. Some leave the ½ out, among them
    scikit-learn's ``Ridge``; their λ is half of ours.

    >>> from course_lib import Tensor
    >>> w = Tensor([3.0, -4.0], requires_grad=True)
    >>> penalty = l2_penalty([w])
    >>> penalty.item()
    12.5
    >>> penalty.backward()
    >>> w.grad
    array([ 3., -4.])
    """
    return 0.5 * sum((w * w).sum() for w in some(parameters))


def l1_penalty(parameters):
    """Σ |w|: the sum of the sizes of all weights.

    Its derivative is sign w: every weight is drawn to 0 with the same force, however
    small it is. At w = 0 there is no derivative; 0 is taken. Descent with it comes
    near 0 and jumps to and fro; `soft_threshold` arrives.

    >>> from course_lib import Tensor
    >>> w = Tensor([3.0, -4.0, 0.0], requires_grad=True)
    >>> penalty = l1_penalty([w])
    >>> penalty.item()
    7.0
    >>> penalty.backward()
    >>> w.grad
    array([ 1., -1.,  0.])
    """
    return sum(w.abs().sum() for w in some(parameters))


def some(parameters):
    """All parameters in a list, which must not be empty.

    ``model.parameters()`` gives them once: who keeps it in a variable and uses it again
    gets none, and a penalty of 0.

    >>> some(iter([1, 2]))
    [1, 2]
    """
    parameters = list(parameters)
    assert parameters, "no parameters; write model.parameters() each time"
    return parameters


def soft_threshold(w, threshold):
    """Each number moved towards 0 by the threshold, and no further than 0.

    This is the weight v that makes ½ (v − w)² + threshold · |v| smallest. After a step
    of descent on the loss alone, with the threshold η λ, it takes the place of a step
    on the penalty λ Σ |w| (Daubechies, Defrise & De Mol 2004).

    >>> soft_threshold(np.array([3.0, 0.25, -2.0]), 0.5)
    array([ 2.5,  0. , -1.5])
    """
    assert np.all(np.asarray(threshold) >= 0), f"threshold {threshold} < 0"
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def lasso(X, y, penalty, steps=2000):
    """The weights w that make ½ Σ (Xw − y)² + penalty · Σ |w| smallest, by descent.

    Each step goes down the loss, and then through `soft_threshold`, so weights that
    the loss does not defend become exactly 0 (Tibshirani 1996). The penalty is n times
    scikit-learn's ``alpha``.

    >>> y = np.array([3.0, 0.5, -2.0])
    >>> print(lasso(np.eye(3), y, penalty=1).round(6) + 0.0)
    [ 2.  0. -1.]
    """
    assert np.shape(y) == X.shape[:1], f"X {X.shape}, y {np.shape(y)}"
    lr = 1 / np.linalg.norm(X, 2) ** 2  # 1 / the greatest curvature
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * X.T @ (X @ w - y)
        w = soft_threshold(w, lr * penalty)
    return w
