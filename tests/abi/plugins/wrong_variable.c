/* The entry point's name on a variable: calling it would end the process. */
__attribute__((visibility("default"))) int sluice_plugin_v0 = 7;
