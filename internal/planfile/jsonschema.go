package planfile

import "encoding/json"

// object is a JSON object; encoding/json writes its keys sorted.
type object = map[string]any

// JSONSchema gives the JSON Schema (draft 2020-12) of a plan, for editors.
func JSONSchema(words Words) []byte {
	s := object{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "litehaul plan",
		"description": "What becomes of each table and column in a run of litehaul.",
	}
	for k, v := range words.level(planFields, "version", "into", "schema", "tables") {
		s[k] = v
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil // not reached: all values are texts, numbers and lists
	}
	return append(out, '\n')
}

// level is the schema of a mapping with some keys and no others.
func (w *Words) level(fields []field, required ...string) object {
	properties := object{}
	for _, f := range fields {
		value := w.valueSchema(f.kind)
		value["description"] = f.about
		if f.key == "version" {
			value = object{"const": Version, "description": f.about}
		}
		properties[f.key] = value
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// valueSchema is the schema of a value.
func (w *Words) valueSchema(k kind) object {
	switch k {
	case number:
		return object{"type": "integer", "minimum": 0}
	case hash:
		return object{"type": "string", "pattern": "^[0-9a-f]+$"}
	case into:
		return object{"enum": intos}
	case tableAction:
		return object{"enum": tableActions, "default": string(Load)}
	case columnAction:
		return object{"enum": columnActions, "default": string(Load)}
	case typeName:
		return object{"type": "string", "examples": w.Types}
	case formNames:
		one := object{"enum": w.Forms}
		return object{"anyOf": []any{one, object{"type": "array", "items": one}}}
	case policies:
		return w.policySchema()
	case source:
		return w.level(sourceFields)
	case tables:
		return object{"type": "object", "additionalProperties": w.level(tableFields)}
	case columns:
		column := w.level(columnFields)
		column["type"] = []string{"object", "null"}
		return object{"type": "object", "additionalProperties": column}
	case text:
	}
	return object{"type": "string"}
}

func (w *Words) policySchema() object {
	properties := object{}
	for _, c := range w.Policies {
		p := object{"description": c.About, "type": "string"}
		if c.Allowed != nil {
			p = object{"description": c.About, "enum": choices(c.Allowed), "default": choices(c.Allowed)[0]}
		}
		properties[c.Name] = p
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

// choices are words as YAML reads them: true and false are no texts.
func choices(words []string) []any {
	out := make([]any, len(words))
	for i, s := range words {
		switch s {
		case "true":
			out[i] = true
		case "false":
			out[i] = false
		default:
			out[i] = s
		}
	}
	return out
}
