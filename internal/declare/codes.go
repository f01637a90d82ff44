package declare

// Code identifies a kind of diagnostic. Codes are stable: annotations, scripts
// and the documentation name them.
type Code string

const (
	codeBackendNotExported Code = "backend_not_exported"
	codeBytesInvalid       Code = "bytes_invalid"
	codeBytesOutOfRange    Code = "bytes_out_of_range"
	codeConfigInvalid      Code = "config_invalid"
	codeConsumeExpose      Code = "consume_expose_unknown"
	codeCrashed            Code = "compile_crashed"
	codeEntryNotFound      Code = "entry_not_found"
	codeEvaluation         Code = "evaluation_failed"
	codeImportNotFound     Code = "import_not_found"
	codeImportOutside      Code = "import_outside_project"
	codeIntervalInvalid    Code = "rotation_interval_invalid"
	codeIntervalTooLong    Code = "rotation_interval_too_long"
	codeIntervalTooShort   Code = "rotation_interval_too_short"
	codeNameEmpty          Code = "name_empty"
	codeNameInvalid        Code = "name_invalid"
	codeNameMissing        Code = "name_missing"
	codeNamespaceInvalid   Code = "namespace_invalid"
	codeNamespaceReserved  Code = "namespace_reserved"
	codeNeverSettles       Code = "await_never_settles"
	codeNoDeclarations     Code = "no_declarations"
	codeNotDeterministic   Code = "declaration_not_deterministic"
	codeOptionFromStandIn  Code = "option_from_stand_in"
	codeOptionInvalid      Code = "option_invalid"
	codeOptionMissing      Code = "option_missing"
	codeOptionType         Code = "option_type"
	codeOptionUnknown      Code = "option_unknown"
	codeOutOfMemory        Code = "compile_out_of_memory"
	codeOwnerMissing       Code = "owner_product_missing"
	codeProjectConflict    Code = "project_conflict"
	codeProjectInvalid     Code = "project_name_invalid"
	codeProjectMissing     Code = "project_missing"
	codeProjectNotFound    Code = "project_not_found"
	codeRetainDaysInvalid  Code = "retain_days_invalid"
	codeRetainDaysMissing  Code = "retain_days_missing"
	codeRetainDaysSurplus  Code = "retain_days_unexpected"
	codeRetainMode         Code = "retain_mode_unknown"
	codeSecretConflict     Code = "secret_conflict"
	codeSecretMember       Code = "secret_member_unknown"
	codeSecretReference    Code = "secret_reference_misused"
	codeSecretUnused       Code = "secret_unused"
	codeStartAtInvalid     Code = "start_at_invalid"
	codeStoreNameConflict  Code = "store_name_conflict"
	codeStoreNameInvalid   Code = "store_name_invalid"
	codeStoreNameUnknown   Code = "store_name_unknown_id"
	codeSyntax             Code = "syntax_error"
	codeTimeout            Code = "compile_timeout"
	codeValueFormat        Code = "value_format_unknown"
	codeWorkspaceInvalid   Code = "workspace_invalid"
)

// Codes returns what each code means, in the words of the documentation.
func Codes() map[Code]string {
	return map[Code]string{
		codeBackendNotExported: "an entry makes a backend but does not export it as default",
		codeBytesInvalid:       "bytes is not a whole number",
		codeBytesOutOfRange:    "bytes is not within 16 to 1024",
		codeConfigInvalid:      "layeron.config.ts does not export project(...) as default, or an option of project(...) cannot be used",
		codeConsumeExpose:      "consume.expose is not one of the known words",
		codeCrashed:            "the compile process ended without a result",
		codeEntryNotFound:      "there is no entry file",
		codeEvaluation:         "the project's code threw an exception",
		codeImportNotFound:     "an imported file or export does not exist",
		codeImportOutside:      "an imported file lies outside the repository, or in a folder that is not read",
		codeIntervalInvalid:    "rotation.everyDays is not a whole number",
		codeIntervalTooLong:    "rotation.everyDays is above 3650",
		codeIntervalTooShort:   "rotation.everyDays is below 7",
		codeNameEmpty:          "the name of a secret is empty",
		codeNameInvalid:        "the name of a secret cannot be shown safely",
		codeNameMissing:        "a secret has no name",
		codeNamespaceInvalid:   "a namespace is empty or cannot be shown safely",
		codeNamespaceReserved:  "the namespace is reserved",
		codeNeverSettles:       "a top-level await waits for something that never happens during the compile",
		codeNoDeclarations:     "no secret is declared",
		codeNotDeterministic:   "two evaluations gave different declarations",
		codeOptionFromStandIn:  "an option takes its value from an import that is not evaluated",
		codeOptionInvalid:      "the text of an option cannot be shown safely",
		codeOptionMissing:      "a required option is missing",
		codeOptionType:         "an option has the wrong type",
		codeOptionUnknown:      "an option is not known",
		codeOutOfMemory:        "the compile reached its memory limit",
		codeOwnerMissing:       "ownership has no product",
		codeProjectConflict:    "the project has several names",
		codeProjectInvalid:     "the project's name cannot be used",
		codeProjectMissing:     "the project has no name",
		codeProjectNotFound:    "the project's directory does not exist",
		codeRetainDaysInvalid:  "rotation.retain.days is not a whole number from 1 to 3650",
		codeRetainDaysMissing:  "retain_for has no days",
		codeRetainDaysSurplus:  "days are given with a mode that does not use them",
		codeRetainMode:         "rotation.retain.mode is not one of the known words",
		codeSecretConflict:     "one id is declared with different options",
		codeSecretMember:       "secret has no such member",
		codeSecretReference:    "the secret of @layeron/core is used to declare",
		codeSecretUnused:       "no backend uses a declared secret (a warning)",
		codeStartAtInvalid:     "rotation.startAt is not an RFC 3339 instant with a zone",
		codeStoreNameConflict:  "two secrets have one store name",
		codeStoreNameInvalid:   "a store name cannot be used",
		codeStoreNameUnknown:   "storeNames names a secret that is not declared",
		codeSyntax:             "the TypeScript cannot be read",
		codeTimeout:            "the compile reached its time limit",
		codeValueFormat:        "value.format is not one of the known words",
		codeWorkspaceInvalid:   "the workspace's name cannot be used",
	}
}
