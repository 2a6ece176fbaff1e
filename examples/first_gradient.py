"""A first gradient: compute with tensors, then ask how the result depends on each of them.

python examples/first_gradient.py
"""

from __future__ import annotations

import autograd_core as ag

x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = (x**2).sum()  # 1 + 4 + 9
y.backward()
print("y     =", y.item())
print("dy/dx =", x.grad, " which is 2 x")

# A gradient is a tensor like any other, so it has gradients too.
t = ag.tensor(0.5, requires_grad=True)
(speed,) = ag.autograd.grad(t.sin(), t, create_graph=True)
(acceleration,) = ag.autograd.grad(speed, t)
print(f"sin'(0.5)  = {speed.item():.6f},  cos(0.5) = {t.cos().item():.6f}")
print(f"sin''(0.5) = {acceleration.item():.6f}, -sin(0.5) = {-t.sin().item():.6f}")

# Gradients point uphill; going downhill finds the square root of 2.
root = ag.tensor(1.0, requires_grad=True)
for _ in range(50):
    error = (root**2 - 2) ** 2
    error.backward()
    with ag.no_grad():
        root -= 0.05 * root.grad
    root.grad = None
print(f"root of 2  = {root.item():.6f}")
