//! Dense arithmetic whose results are the same on every machine: each sum is added in one order,
//! however wide the registers are that the processor has.

use pulp::{Arch, Simd, WithSimd};

/// How many numbers are worked on side by side; the width of every matrix is a multiple of it.
pub const LANES: usize = 16;

/// The rows of `x` (`n` by `inputs`) times `weights` (`inputs` by `outputs`), plus `bias`, into `y`.
pub fn multiply(arch: Arch, x: &[f32], inputs: usize, weights: &[f32], bias: &[f32], y: &mut Vec<f32>) {
    let outputs = bias.len();
    y.clear();
    y.resize(x.len() / inputs * outputs, 0.0);
    arch.dispatch(Product { x, inputs, weights, bias, y });
}

/// What [`multiply`] works on. Wide registers are used only in what is inlined into `with_simd`, and a
/// closure is not, whatever its attribute says.
struct Product<'a> {
    x: &'a [f32],
    inputs: usize,
    weights: &'a [f32],
    bias: &'a [f32],
    y: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        multiply_into(self.x, self.inputs, self.weights, self.bias, self.y);
    }
}

/// No matrix has more inputs.
const MOST_INPUTS: usize = 128;

/// Rows that are worked on side by side: each weight that is loaded serves all of them.
const ROWS: usize = 6;

/// A block of columns; a row of it never lies across two lines of the cache.
#[repr(align(64))]
struct Panel([[f32; LANES]; MOST_INPUTS]);

#[inline(always)]
fn multiply_into(x: &[f32], inputs: usize, weights: &[f32], bias: &[f32], y: &mut [f32]) {
    let outputs = bias.len();
    let rows = x.len() / inputs;
    // The columns of a block lie together, so that they stay near while all rows go by.
    let mut panel = Panel([[0f32; LANES]; MOST_INPUTS]);
    let panel = &mut panel.0[..inputs];
    for (block, start) in bias.as_chunks::<LANES>().0.iter().enumerate() {
        for (to, from) in panel.iter_mut().zip(weights.chunks_exact(outputs)) {
            to.copy_from_slice(&from[block * LANES..][..LANES]);
        }
        let mut row = 0;
        while row + ROWS <= rows {
            rows_of::<ROWS>(
                &x[row * inputs..],
                panel,
                start,
                &mut y[row * outputs + block * LANES..],
                outputs,
            );
            row += ROWS;
        }
        let (x, y) = (&x[row * inputs..], y.get_mut(row * outputs + block * LANES..).unwrap_or(&mut []));
        match rows - row {
            1 => rows_of::<1>(x, panel, start, y, outputs),
            2 => rows_of::<2>(x, panel, start, y, outputs),
            3 => rows_of::<3>(x, panel, start, y, outputs),
            4 => rows_of::<4>(x, panel, start, y, outputs),
            5 => rows_of::<5>(x, panel, start, y, outputs),
            _ => {}
        }
    }
}

#[inline(always)]
fn rows_of<const ROWS: usize>(
    x: &[f32],
    panel: &[[f32; LANES]],
    start: &[f32; LANES],
    y: &mut [f32],
    outputs: usize,
) {
    let inputs = panel.len();
    let x: [&[f32]; ROWS] = std::array::from_fn(|row| &x[row * inputs..][..inputs]);
    let mut sums = [*start; ROWS];
    // By number, so that one check of the lengths serves all rows.
    #[allow(clippy::needless_range_loop)]
    for input in 0..inputs {
        let weights = &panel[input];
        for (sums, x) in sums.iter_mut().zip(&x) {
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
        let (inputs, outputs) = (80, 3 * LANES);
        let (weights, bias) = (numbers(inputs * outputs), numbers(outputs));
        for rows in 0..14 {
            let x = numbers(rows * inputs);
            let (mut wide, mut narrow) = (Vec::new(), Vec::new());
            multiply(Arch::new(), &x, inputs, &weights, &bias, &mut wide);
            multiply(Arch::Scalar, &x, inputs, &weights, &bias, &mut narrow);
            assert_eq!(wide.len(), rows * outputs);
            assert!(wide.iter().zip(&narrow).all(|(a, b)| a.to_bits() == b.to_bits()), "{rows} rows");
            let plain = |row: usize, output: usize| {
                (0..inputs)
                    .fold(bias[output], |sum, i| sum + x[row * inputs + i] * weights[i * outputs + output])
            };
            for (place, value) in wide.iter().enumerate() {
                assert_eq!(value.to_bits(), plain(place / outputs, place % outputs).to_bits());
            }
        }
    }
}
