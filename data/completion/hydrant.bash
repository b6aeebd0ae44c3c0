# Completion of hydrant for bash. Try it with:      source <(hydrant completion bash)
# Keep it with:  hydrant completion bash > ~/.local/share/bash-completion/completions/hydrant

_hydrant_complete() {
    local line
    local word="${COMP_WORDS[COMP_CWORD]}"
    case "$word" in '=' | ':') word= ;; esac
    COMPREPLY=()
    while IFS= read -r line; do
        case "$line" in
            /*)
                compopt -o filenames 2>/dev/null
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done < <(compgen -f -- "$word")
                continue
                ;;
            '~'*) compopt -o nospace 2>/dev/null ;;
        esac
        line="${line#?}"
        line="${line%%$'\t'*}"
        case "$line" in
            *[[:space:]\'\"\\\$\`\&\|\;\<\>\(\)\*\?\[\]\{\}\!\#]*) printf -v line '%q' "$line" ;;
        esac
        COMPREPLY+=("$line")
    done < <("$1" __complete bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}

complete -F _hydrant_complete hydrant
