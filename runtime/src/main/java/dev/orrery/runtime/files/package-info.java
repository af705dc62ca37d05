/** Files and folders that appear complete or not at all. */
package dev.orrery.runtime.files;
