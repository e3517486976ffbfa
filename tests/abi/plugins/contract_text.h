/* A least contract for plugins that embed it by hand. */
#ifndef SLUICE_TEST_CONTRACT_TEXT_H
#define SLUICE_TEST_CONTRACT_TEXT_H

#define CONTRACT(name)               \
    "[contract]\n"                   \
    "name = \"" name                 \
    "\"\n"                           \
    "version = \"1.0.0\"\n"          \
    "external_system = \"none\"\n"   \
    "api_version = \"1\"\n"          \
    "[flow.note]\n"                  \
    "ordering_key = \"/id\"\n"       \
    "[flow.note.record]\n"           \
    "model = \"res.partner\"\n"      \
    "external_id = \"note_{/id}\"\n" \
    "[flow.note.record.fields]\n"    \
    "name = { from = \"/name\", required = true }\n"

#define TEXT(literal) \
    { literal, sizeof(literal) - 1 }

#endif
