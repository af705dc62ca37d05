/** Files and folders that appear complete or not at all, and texts as people write them. */
package dev.orrery.runtime.files;
