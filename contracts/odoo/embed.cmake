# cmake -DOUT=file.cpp -DDIR=folder -P embed.cmake: puts the lists into a C++ source.
file(READ ${DIR}/fields.json fields)
file(READ ${DIR}/version_names.json names)
file(WRITE ${OUT} "#include \"host/contracts/odoo_lists.hpp\"\nnamespace sluice::host {\n")
file(APPEND ${OUT} "std::string_view recorded_fields_text() {\n    return R\"SLUICE(${fields})SLUICE\";\n}\n")
file(APPEND ${OUT} "std::string_view version_names_text() {\n    return R\"SLUICE(${names})SLUICE\";\n}\n")
file(APPEND ${OUT} "}  // namespace sluice::host\n")
