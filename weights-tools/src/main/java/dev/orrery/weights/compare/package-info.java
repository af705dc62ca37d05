/** How far what a model plays is from what another form of it plays. */
package dev.orrery.weights.compare;
