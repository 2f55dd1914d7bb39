//! Dense arithmetic whose results are the same on every machine: each sum is added in one order,
//! however wide the registers are that the processor has.

use pulp::Arch;

/// How many numbers are worked on side by side; the width of every matrix is a multiple of it.
pub const LANES: usize = 16;

/// The rows of `x` (`n` by `inputs`) times `weights` (`inputs` by `outputs`), plus `bias`, into `y`.
pub fn multiply(arch: Arch, x: &[f32], inputs: usize, weights: &[f32], bias: &[f32], y: &mut Vec<f32>) {
    let outputs = bias.len();
    y.clear();
    y.resize(x.len() / inputs * outputs, 0.0);
    arch.dispatch(
        #[inline(always)]
        || multiply_into(x, inputs, weights, bias, y),
    );
}

#[inline(always)]
fn multiply_into(x: &[f32], inputs: usize, weights: &[f32], bias: &[f32], y: &mut [f32]) {
    let outputs = bias.len();
    let mut blocks = y.chunks_exact_mut(4 * outputs);
    let mut rows = x.chunks_exact(4 * inputs);
    for (y, x) in blocks.by_ref().zip(rows.by_ref()) {
        rows_of::<4>(x, inputs, weights, bias, y);
    }
    for (y, x) in blocks.into_remainder().chunks_exact_mut(outputs).zip(rows.remainder().chunks_exact(inputs))
    {
        rows_of::<1>(x, inputs, weights, bias, y);
    }
}

#[inline(always)]
fn rows_of<const ROWS: usize>(x: &[f32], inputs: usize, weights: &[f32], bias: &[f32], y: &mut [f32]) {
    let outputs = bias.len();
    let x: [&[f32]; ROWS] = std::array::from_fn(|row| &x[row * inputs..][..inputs]);
    for block in (0..outputs).step_by(LANES) {
        let Some(start) = bias[block..].first_chunk::<LANES>() else { continue };
        let mut sums = [*start; ROWS];
        for input in 0..inputs {
            let Some(weights) = weights[input * outputs + block..].first_chunk::<LANES>() else { continue };
            for row in 0..ROWS {
                let x = x[row][input];
                for lane in 0..LANES {
                    sums[row][lane] += x * weights[lane];
                }
            }
        }
        for row in 0..ROWS {
            y[row * outputs + block..][..LANES].copy_from_slice(&sums[row]);
        }
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
