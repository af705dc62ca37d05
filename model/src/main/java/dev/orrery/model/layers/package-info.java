/**
 * Layers that networks are built from. A layer is made from {@link
 * dev.orrery.model.layers.Parameters}, which stand at its place in a checkpoint, and knows no
 * model.
 *
 * <p>One way of calling: {@code Tensor y = layer.forward(x, frame)} returns a tensor of the
 * caller's frame; what a layer needs besides lies in a frame inside it and is gone on return.
 * {@code layer.into(x, out)} writes where the caller says, into a cache or over its input. {@code
 * layer.addTo(residual, gate, x, frame)} ends a layer in the residual stream without a tensor of
 * its own.
 */
package dev.orrery.model.layers;
