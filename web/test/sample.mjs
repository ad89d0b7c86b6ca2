// An answer with everything in it, as models write them.
export const sampleThinking = `Okay, the user asks for the roots of a quadratic. Let me recall the formula: for $ax^2 + bx + c = 0$ it is

$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$

Here a = 1, b = -3, c = 2, so the discriminant is 9 - 8 = 1. Wait, let me check that again: $(-3)^2 - 4 \\cdot 1 \\cdot 2 = 1$. Yes.

So x = (3 ± 1)/2, which gives 2 and 1. A short program would be good too.`;

export const sampleAnswer = `The equation \\(x^2 - 3x + 2 = 0\\) factors, so it can be solved **by hand**.

### Step by step

1. The discriminant is \\(\\Delta = b^2 - 4ac = 1\\).
2. The roots follow:

\\[
x_{1,2} = \\frac{-b \\pm \\sqrt{\\Delta}}{2a} = \\frac{3 \\pm 1}{2}
\\]

| root | value | check |
|:--|--:|:-:|
| $x_1$ | 2 | $4 - 6 + 2 = 0$ |
| $x_2$ | 1 | $1 - 3 + 2 = 0$ |

The same in Python, with \`math.sqrt\`:

\`\`\`python
import math

def roots(a: float, b: float, c: float) -> tuple[float, float]:
    """Real roots of ax² + bx + c, the larger first."""
    delta = b * b - 4 * a * c
    if delta < 0:
        raise ValueError("no real roots")  # the parabola misses the axis
    return (-b + math.sqrt(delta)) / (2 * a), (-b - math.sqrt(delta)) / (2 * a)

print(roots(1, -3, 2))
\`\`\`

> A quadratic whose discriminant is a perfect square has rational roots.

So the answer is $\\boxed{x \\in \\{1, 2\\}}$; it costs $5 or $6 to print it. See [the proof](https://example.org/proof).`;
