/** What the programs of Orrery share: how failures are told, progress, and the end by Ctrl-C. */
package dev.orrery.weights.command;
