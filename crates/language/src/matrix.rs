//! Dense arithmetic whose results are the same on every machine: each sum is added in one order,
//! however wide the registers are that the processor has.

use pulp::{Arch, Simd, WithSimd};

/// How many numbers are worked on side by side; the width of every matrix is a multiple of it.
pub const LANES: usize = 16;

/// The rows of `x` (`n` by `INPUTS`) times `weights` (`INPUTS` by the width of `bias`), plus `bias`, into `y`.
pub fn multiply<const INPUTS: usize>(arch: Arch, x: &[f32], weights: &[f32], bias: &[f32], y: &mut Vec<f32>) {
    let (x, _) = x.as_chunks::<INPUTS>();
    y.clear();
    y.resize(x.len() * bias.len(), 0.0);
    arch.dispatch(Product { x, weights, bias, y });
}

/// What [`multiply`] works on. Wide registers are used only in what is inlined into `with_simd`, and a
/// closure is not, whatever its attribute says.
struct Product<'a, const INPUTS: usize> {
    x: &'a [[f32; INPUTS]],
    weights: &'a [f32],
    bias: &'a [f32],
    y: &'a mut [f32],
}

impl<const INPUTS: usize> WithSimd for Product<'_, INPUTS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        multiply_into(self.x, self.weights, self.bias, self.y);
    }
}

/// Rows that are worked on side by side: each weight that is loaded serves all of them.
const ROWS: usize = 6;

/// A block of columns; a row of it never lies across two lines of the cache.
#[repr(align(64))]
struct Panel<const INPUTS: usize>([[f32; LANES]; INPUTS]);

#[inline(always)]
fn multiply_into<const INPUTS: usize>(x: &[[f32; INPUTS]], weights: &[f32], bias: &[f32], y: &mut [f32]) {
    let outputs = bias.len();
    // The columns of a block lie together, so that they stay near while all rows go by.
    let mut panel = Panel([[0f32; LANES]; INPUTS]);
    for (block, start) in bias.as_chunks::<LANES>().0.iter().enumerate() {
        for (to, from) in panel.0.iter_mut().zip(weights.chunks_exact(outputs)) {
            to.copy_from_slice(&from[block * LANES..][..LANES]);
        }
        let (groups, rest) = x.as_chunks::<ROWS>();
        for (group, x) in groups.iter().enumerate() {
            rows_of(x.each_ref(), &panel.0, start, &mut y[group * ROWS * outputs + block * LANES..], outputs);
        }
        let y = y.get_mut(groups.len() * ROWS * outputs + block * LANES..).unwrap_or(&mut []);
        match rest {
            [a] => rows_of([a], &panel.0, start, y, outputs),
            [a, b] => rows_of([a, b], &panel.0, start, y, outputs),
            [a, b, c] => rows_of([a, b, c], &panel.0, start, y, outputs),
            [a, b, c, d] => rows_of([a, b, c, d], &panel.0, start, y, outputs),
            [a, b, c, d, e] => rows_of([a, b, c, d, e], &panel.0, start, y, outputs),
            _ => {}
        }
    }
}

/// The number of inputs is a constant, so that no length is checked within.
#[inline(always)]
fn rows_of<const ROWS: usize, const INPUTS: usize>(
    x: [&[f32; INPUTS]; ROWS],
    panel: &[[f32; LANES]; INPUTS],
    start: &[f32; LANES],
    y: &mut [f32],
    outputs: usize,
) {
    let mut sums = [*start; ROWS];
    for (input, weights) in panel.iter().enumerate() {
        for (sums, x) in sums.iter_mut().zip(x) {
            let x = x[input];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += x * weight;
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        y[row * outputs..][..LANES].copy_from_slice(sums);
    }
}

/// Between -1 and 1, as the hyperbolic tangent, of operations that every machine rounds alike.
#[inline(always)]
pub fn squash(x: f32) -> f32 {
    x / (1.0 + x * x).sqrt()
}

/// Between 0 and 1, as the logistic function.
#[inline(always)]
pub fn gate(x: f32) -> f32 {
    0.5 + 0.5 * squash(x)
}

/// The exponential of a number that is not positive, of operations that every machine rounds alike.
pub fn exp(x: f32) -> f32 {
    if x < -80.0 {
        return 0.0;
    }
    // (1 + x / 1024 + ...)^1024, the inner one to the third order.
    let small = x / 1024.0;
    let mut result = 1.0 + small * (1.0 + small * (0.5 + small / 6.0));
    for _ in 0..10 {
        result *= result;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_of_every_width_give_the_same_bits() {
        let mut next = 0x9E37_79B9u32;
        let mut numbers = |n: usize| -> Vec<f32> {
            (0..n)
                .map(|_| {
                    next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (next >> 8) as f32 / 1e6 - 8.0
                })
                .collect()
        };
        const INPUTS: usize = 80;
        let outputs = 3 * LANES;
        let (weights, bias) = (numbers(INPUTS * outputs), numbers(outputs));
        for rows in 0..14 {
            let x = numbers(rows * INPUTS);
            let (mut wide, mut narrow) = (Vec::new(), Vec::new());
            multiply::<INPUTS>(Arch::new(), &x, &weights, &bias, &mut wide);
            multiply::<INPUTS>(Arch::Scalar, &x, &weights, &bias, &mut narrow);
            assert_eq!(wide.len(), rows * outputs);
            assert!(wide.iter().zip(&narrow).all(|(a, b)| a.to_bits() == b.to_bits()), "{rows} rows");
            let plain = |row: usize, output: usize| {
                (0..INPUTS)
                    .fold(bias[output], |sum, i| sum + x[row * INPUTS + i] * weights[i * outputs + output])
            };
            for (place, value) in wide.iter().enumerate() {
                assert_eq!(value.to_bits(), plain(place / outputs, place % outputs).to_bits());
            }
        }
    }
}
