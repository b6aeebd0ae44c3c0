#compdef hydrant
# Completion of hydrant for zsh. Try it with:      source <(hydrant completion zsh)
# Keep it with:  hydrant completion zsh > ~/.zfunc/_hydrant
# and in ~/.zshrc, before compinit:  fpath+=~/.zfunc

_hydrant() {
    local line mark word
    local -a whole wholeshown begun begunshown
    local files=
    for line in "${(@f)$("${words[1]}" __complete zsh "--word=${(Q)PREFIX}" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}"; do
        mark="${line[1]}"
        word="${line[2,-1]%%$'\t'*}"
        case "$mark" in
            '/') files=1 ;;
            '~') begun+=("$word"); begunshown+=("${${line[2,-1]}/$'\t'/  -- }") ;;
            '=') whole+=("$word"); wholeshown+=("${${line[2,-1]}/$'\t'/  -- }") ;;
        esac
    done
    (( $#whole )) && compadd -l -d wholeshown -a whole
    (( $#begun )) && compadd -S '' -d begunshown -a begun
    if [[ -n $files ]]; then
        compset -P '*='
        _files
    fi
    (( compstate[nmatches] ))
}

if [[ "${funcstack[1]}" == _hydrant ]]; then
    _hydrant "$@"
else
    compdef _hydrant hydrant
fi
