# Completion of hydrant for fish. Try it with:      hydrant completion fish | source
# Keep it with:  hydrant completion fish > ~/.config/fish/completions/hydrant.fish

function __hydrant_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l line
    for line in ($words[1] __complete fish "--word="(string unescape -- "$word" | string collect) $words[2..-1] 2>/dev/null)
        switch $line
            case '/*'
                set -l start (string match -r '^--[^=]*=' -- $word)
                set -l path (string replace -r '^--[^=]*=' '' -- $word)
                for file in (__fish_complete_path "$path")
                    echo "$start$file"
                end
            case '*'
                string sub -s 2 -- $line
        end
    end
end

complete -c hydrant -f -a '(__hydrant_complete)'
