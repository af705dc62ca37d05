/**
 * Downloads repositories of models from a Hugging Face hub into the cache that its Python library
 * uses, or into a folder.
 *
 * <p>The server is not trusted: its paths must stay inside the folder, its files must have the size
 * and the hash that the listing announced, the token goes to no host but the one it was meant for,
 * and whatever goes wrong ends in a {@link dev.orrery.weights.hub.HubException} of one line. A
 * download that was interrupted goes on where it stopped.
 */
package dev.orrery.weights.hub;
