/**
 * What a model family says of itself, and what all families share: opening, planning, loading and
 * closing models that are made of checkpoints.
 *
 * <p>A {@link dev.orrery.model.family.ModelFamily} opens a {@link
 * dev.orrery.model.family.ModelFolder}, which plans and loads a {@link
 * dev.orrery.model.session.WorldModel}. Families with networks extend {@link
 * dev.orrery.model.family.CheckpointModel} and name their {@link
 * dev.orrery.model.family.NetworkWeights}.
 */
package dev.orrery.model.family;
