//! Dense arithmetic whose results are the same on every machine: each sum is added in one order,
//! however wide the registers are that the processor has.

use pulp::{Arch, Simd, WithSimd};

/// How many numbers are worked on side by side; the width of every matrix is a multiple of it.
pub const LANES: usize = 16;

/// Weights (`INPUTS` rows, as many columns as there are outputs) and the bias of each output, in blocks of
/// columns, each of which stays near while all rows of what is multiplied go by.
#[derive(Clone, Debug)]
pub struct Matrix<const INPUTS: usize>(Vec<Block<INPUTS>>);

/// Some columns; a row of them never lies across two lines of the cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Block<const INPUTS: usize> {
    weights: [[f32; LANES]; INPUTS],
    bias: [f32; LANES],
}

impl<const INPUTS: usize> Matrix<INPUTS> {
    /// The matrix of weights that lie row by row.
    pub fn new(weights: &[f32], bias: &[f32]) -> Self {
        let blocks = bias.as_chunks().0.iter().enumerate().map(|(number, start)| {
            let mut block = Block { weights: [[0.0; LANES]; INPUTS], bias: *start };
            for (to, from) in block.weights.iter_mut().zip(weights.chunks_exact(bias.len())) {
                to.copy_from_slice(&from[number * LANES..][..LANES]);
            }
            block
        });
        Self(blocks.collect())
    }

    /// The rows of `x` (`n` by `INPUTS`) times the weights, plus the bias, into `y`.
    pub fn multiply(&self, arch: Arch, x: &[f32], y: &mut Vec<f32>) {
        let (x, _) = x.as_chunks::<INPUTS>();
        y.resize(x.len() * self.0.len() * LANES, 0.0);
        if x.is_empty() {
            return;
        }
        arch.dispatch(Product { x, blocks: &self.0, y });
    }
}

/// What [`Matrix::multiply`] works on. Wide registers are used only in what is inlined into `with_simd`, and a
/// closure is not, whatever its attribute says.
struct Product<'a, const INPUTS: usize> {
    x: &'a [[f32; INPUTS]],
    blocks: &'a [Block<INPUTS>],
    y: &'a mut [f32],
}

impl<const INPUTS: usize> WithSimd for Product<'_, INPUTS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { x, blocks, y } = self;
        let outputs = blocks.len() * LANES;
        // Two blocks side by side, where the registers are wide enough to hold all of their sums.
        let (pairs, single) = match size_of::<S::f32s>() {
            64 => blocks.as_chunks::<2>(),
            _ => (&[][..], blocks),
        };
        for (pair, blocks) in pairs.iter().enumerate() {
            columns_of(x, blocks.each_ref(), &mut y[pair * 2 * LANES..], outputs);
        }
        for (block, columns) in single.iter().enumerate() {
            columns_of(x, [columns], &mut y[(pairs.len() * 2 + block) * LANES..], outputs);
        }
    }
}

/// The most rows that are worked on side by side: each weight that is loaded serves all of them.
const ROWS: usize = 6;

/// The rows of `x` times some columns; `y` begins with the first of them, and `outputs` numbers are from row to row.
#[inline(always)]
fn columns_of<const INPUTS: usize, const BLOCKS: usize>(
    x: &[[f32; INPUTS]],
    blocks: [&Block<INPUTS>; BLOCKS],
    y: &mut [f32],
    outputs: usize,
) {
    // Groups of nearly one size, for those of few rows wait for each sum.
    let groups = x.len().div_ceil(ROWS);
    for group in 0..groups {
        let [start, end] = [group, group + 1].map(|group| group * x.len() / groups);
        let y = &mut y[start * outputs..];
        match &x[start..end] {
            [a] => rows_of([a], blocks, y, outputs),
            [a, b] => rows_of([a, b], blocks, y, outputs),
            [a, b, c] => rows_of([a, b, c], blocks, y, outputs),
            [a, b, c, d] => rows_of([a, b, c, d], blocks, y, outputs),
            [a, b, c, d, e] => rows_of([a, b, c, d, e], blocks, y, outputs),
            [a, b, c, d, e, f] => rows_of([a, b, c, d, e, f], blocks, y, outputs),
            _ => {}
        }
    }
}

/// The number of inputs is a constant, so that no length is checked within.
#[inline(always)]
fn rows_of<const ROWS: usize, const INPUTS: usize, const BLOCKS: usize>(
    x: [&[f32; INPUTS]; ROWS],
    blocks: [&Block<INPUTS>; BLOCKS],
    y: &mut [f32],
    outputs: usize,
) {
    let mut sums = [blocks.map(|block| block.bias); ROWS];
    for input in 0..INPUTS {
        let weights = blocks.map(|block| block.weights[input]);
        for (sums, x) in sums.iter_mut().zip(x) {
            let x = x[input];
            for (sums, weights) in sums.iter_mut().zip(weights) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += x * weight;
                }
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        y[row * outputs..][..BLOCKS * LANES].copy_from_slice(sums.as_flattened());
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
        let matrix = Matrix::<INPUTS>::new(&weights, &bias);
        for rows in 0..14 {
            let x = numbers(rows * INPUTS);
            let (mut wide, mut narrow) = (Vec::new(), Vec::new());
            matrix.multiply(Arch::new(), &x, &mut wide);
            matrix.multiply(Arch::Scalar, &x, &mut narrow);
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
